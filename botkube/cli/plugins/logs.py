"""`botkube plugins logs`: what a plugin of the running instance wrote."""

import os
import sys
from collections.abc import Mapping
from typing import Final

import msgspec

from botkube.app.statedir import StateDirError
from botkube.cli import exits, instance
from botkube.cli.instance import NoAnswer
from botkube.cli.interrupt import run_until_signalled
from botkube.cli.plugins.local import Where
from botkube.cli.plugins.remote import follow
from botkube.runtime.terminal import without_controls

_OWN: Final = ("time", "level", "msg", "component", "plugin")


def logs(where: Where, key: str, lines: int, *, on: bool) -> int:
    """Print the last lines of a plugin's log, and those that come; returns the exit code."""
    take = _raw if where.as_json else _shown

    async def run() -> int:
        found = instance.running(where.state_dir, os.environ)
        await follow(found, key, lines, take, on=on)
        return exits.OK

    code = exits.OK
    try:
        code = run_until_signalled(run)
    except* (NoAnswer, StateDirError) as group:
        code = instance.told(group)
    except* BrokenPipeError:  # whoever read has seen enough
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - for the rest of the run
    return code


def _raw(line: bytes) -> None:
    print(without_controls(line.decode("utf-8", "replace")), flush=True)


def _shown(line: bytes) -> None:
    try:
        record = msgspec.json.decode(line, type=dict[str, object])
    except (msgspec.DecodeError, UnicodeDecodeError):
        _raw(line)
        return
    print(without_controls(text_of(record)), flush=True)


def text_of(record: Mapping[str, object]) -> str:
    """Return a record as a line for people."""
    head = " ".join(str(record.get(name, "")) for name in _OWN[:3])
    more = (f"{name}={value}" for name, value in record.items() if name not in _OWN)
    return " ".join((head, *more))
