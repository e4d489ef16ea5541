"""Replies of the whole program over kills and outages: each command runs once and is answered once."""

import json
from pathlib import Path

import pytest
import trio

from botkube.model.command import Address, Incoming, User
from botkube.runtime.clock import wall
from botkube.store import journal
from botkube.store.database import open_database
from tests.fakes.program import Program
from tests.fakes.receiver import Answer, Call
from tests.fakes.slack.programs import program_config, slack_config, started
from tests.fakes.slack.server import FakeSlack, serving_slack

pytestmark = [pytest.mark.real, pytest.mark.slow]


def config(slack: FakeSlack) -> str:
    return program_config({"default": {"socketSlack": slack_config(slack)}})


def no_messages(method: str, _call: Call) -> Answer | None:
    return Answer(status=503) if method == "chat.postMessage" else None


def refused(slack: FakeSlack) -> int:
    return sum(call.error == "HTTP 503" for call in slack.workspace.asked)


def answers(slack: FakeSlack) -> dict[str, list[str]]:
    """What was said in each thread."""
    found: dict[str, list[str]] = {"1.5": []}
    for post in slack.workspace.posts():
        found.setdefault(post.thread, []).append(post.shown)
    return found


async def kill(program: Program) -> None:
    await trio.to_thread.run_sync(program.stop, 9)


async def test_an_answer_that_was_not_sent_survives_a_kill(folder: Path) -> None:
    threads = [f"1.{number}" for number in range(5)]
    with trio.fail_after(100):
        async with serving_slack() as slack:
            async with started(folder, config(slack)) as program:
                await slack.sockets.connected(1)
                slack.workspace.fault = no_messages
                for thread in threads:
                    slack.mention("ping", thread_ts=thread)
                await slack.until(lambda: refused(slack) >= 3)
                await kill(program)
            slack.workspace.fault = lambda _method, _call: None
            async with started(folder, config(slack)):
                await slack.sockets.connected(1)
                slack.mention("ping", thread_ts="1.5")
                await slack.until(lambda: answers(slack)["1.5"] and len(answers(slack)) == 6)
    found = answers(slack)
    assert [len(found[thread]) for thread in threads] == [1] * 5
    first = slack.workspace.calls("chat.postMessage")[0].args
    assert "pong" in found[str(first["thread_ts"])][0], "it had run, and does not run again"


async def test_a_limit_of_the_workspace_loses_nothing(folder: Path) -> None:
    with trio.fail_after(100):
        async with serving_slack() as slack, started(folder, config(slack)):
            await slack.sockets.connected(1)
            left = [Answer(status=429, headers={"Retry-After": "1"})] * 6
            slack.workspace.fault = lambda method, _: (
                left.pop() if left and method == "chat.postMessage" else None
            )
            for number in range(10):
                slack.mention(f"echo two-{number}", channel=("C1", "C2")[number % 2])
            await slack.posted(10)
    said = json.dumps([post.shown for post in slack.workspace.posts()])
    assert [said.count(f"`echo two-{n}`") for n in range(10)] == [1] * 10


async def test_a_channel_that_cannot_be_named_for_a_while_costs_no_command(folder: Path) -> None:
    def unnamed(method: str, _call: Call) -> Answer | None:
        return Answer(status=503) if method.startswith("conversations.") else None

    with trio.fail_after(100):
        async with serving_slack() as slack:
            slack.workspace.fault = unnamed
            async with started(folder, config(slack)):
                await slack.sockets.connected(1)
                await slack.mention("ping").acked.wait()
                await slack.until(lambda: refused(slack) >= 3)
                slack.workspace.fault = lambda _method, _call: None
                await slack.says("pong")


async def test_what_was_open_in_a_channel_that_is_not_configured_any_more_is_closed(
    folder: Path,
) -> None:
    gone = Incoming(
        id="c1",
        text="ping",
        user=User(name="Ann"),
        address=Address(platform="default-socketSlack", channel="gone"),
    )
    file = folder / "state" / "state.db"
    with trio.fail_after(100):
        file.parent.mkdir()
        async with open_database(file, max_bytes=2**26) as database:
            await database.do(lambda connection: journal.accept(connection, gone, wall()))
        async with serving_slack() as slack, started(folder, config(slack)) as program:
            await slack.sockets.connected(1)
            slack.mention("ping")
            await slack.says("pong")
            await trio.to_thread.run_sync(program.stop)
        async with open_database(file, max_bytes=2**26) as database:
            left = await database.read(lambda connection: journal.open_commands(connection, 10))
    assert left == []
    assert len(slack.workspace.posts()) == 1
