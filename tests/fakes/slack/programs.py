"""The real program with the fake Slack: configurations, and starting it beside a running Trio."""

import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import trio

from tests.fakes.program import Program
from tests.fakes.slack.server import FakeSlack
from tests.fakes.slack.workspace import APP_TOKEN, BOT_TOKEN

QUIET = {"help": False, "start": False, "stop": False}


def slack_config(slack: FakeSlack, **more: object) -> dict[str, object]:
    """The section of one platform; commands and events in `general`, commands in `random`."""
    bound = {"executors": ["tools"], "sources": ["beat"]}
    return {
        "enabled": True,
        "botToken": BOT_TOKEN,
        "appToken": APP_TOKEN,
        "apiURL": slack.api_url,
        "channels": {
            "one": {"name": "#general", "bindings": bound},
            "two": {"name": "random", "bindings": {"executors": ["tools"]}},
        },
        **more,
    }


def program_config(
    groups: Mapping[str, Mapping[str, object]], *, events: int = 0, **more: object
) -> str:
    """A whole configuration, as JSON."""
    beat = {"enabled": True, "config": {"interval": "100ms", "count": events}}
    return json.dumps(
        {
            "settings": {"clusterName": "dev", "announcements": QUIET},
            "executors": {"tools": {"builtin/echo": {"enabled": True}}},
            "sources": {"beat": {"builtin/heartbeat": beat | {"enabled": events > 0}}},
            "communications": groups,
            **more,
        }
    )


@asynccontextmanager
async def started(folder: Path, config: str) -> AsyncGenerator[Program]:
    """The program while the block runs; killed if it does not stop by itself."""
    program = Program(folder, config, environ={"RUNTIME_DIRECTORY": str(folder / "run")})
    await trio.to_thread.run_sync(program.start)
    try:
        yield program
    finally:
        with trio.CancelScope(shield=True):
            await trio.to_thread.run_sync(program.close)
