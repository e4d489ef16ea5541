"""What the program announces in Slack: over starts, stops and crashes."""

import json
import signal
from pathlib import Path

import pytest
import trio

from tests.fakes.program import Program
from tests.fakes.slack.programs import program_config, slack_config, started
from tests.fakes.slack.server import FakeSlack, serving_slack

pytestmark = [pytest.mark.real, pytest.mark.slow]
ACTIVE = 'Botkube instance "dev" is now active.'
BEGINS = "My watch begins for cluster 'dev'! :crossed_swords:"
ENDED = "My watch has ended for cluster 'dev'. See you soon!"


def config(slack: FakeSlack, **announcements: bool) -> str:
    made = json.loads(program_config({"default": {"socketSlack": slack_config(slack)}}))
    made["settings"]["announcements"] = announcements
    return json.dumps(made)


def said(slack: FakeSlack) -> dict[str, list[str]]:
    """What was announced in each channel since it was last looked at."""
    found: dict[str, list[str]] = {"C1": [], "C2": []}
    for post in slack.workspace.posts():
        found[post.channel] += [text for text in (ACTIVE, BEGINS, ENDED) if text in post.shown]
    slack.workspace.messages.clear()
    return found


def in_both(*texts: str) -> dict[str, list[str]]:
    return {"C1": list(texts), "C2": list(texts)}


async def stop(program: Program) -> None:
    await trio.to_thread.run_sync(program.stop)


async def answers(slack: FakeSlack) -> None:
    """Until it has said whatever it says at a start."""
    await slack.sockets.connected(1)
    before = pongs(slack)
    slack.mention("ping", channel="C1")
    slack.mention("ping", channel="C2")
    await slack.until(lambda: pongs(slack) == before + 2)


def pongs(slack: FakeSlack) -> int:
    return sum("pong" in post.shown for post in slack.workspace.posts())


async def test_help_once_the_watch_for_each_start_in_order(folder: Path) -> None:
    with trio.fail_after(90):
        async with serving_slack() as slack:
            async with started(folder, config(slack)) as program:
                await answers(slack)
                assert said(slack) == in_both(ACTIVE, BEGINS)
                await stop(program)
                assert said(slack) == in_both(ENDED)
            async with started(folder, config(slack)) as program:
                await answers(slack)
                assert said(slack) == in_both(BEGINS)
                await trio.to_thread.run_sync(program.stop, signal.SIGKILL)
            async with started(folder, config(slack)) as program:
                await answers(slack)
                assert said(slack) == in_both(), "a crash loop says nothing again"
                await stop(program)
                assert said(slack) == in_both(ENDED)


async def test_each_may_be_switched_off(folder: Path) -> None:
    with trio.fail_after(100):
        async with serving_slack() as slack:
            quiet = config(slack, help=False, start=True, stop=False)
            async with started(folder, quiet) as program:
                await answers(slack)
                await stop(program)
    assert said(slack) == in_both(BEGINS)


async def test_a_channel_that_cannot_be_told_keeps_nothing_from_starting(folder: Path) -> None:
    with trio.fail_after(100):
        async with serving_slack() as slack:
            slack.workspace.members.discard("C2")
            async with started(folder, config(slack)):
                await slack.sockets.connected(1)
                await slack.says(BEGINS)
                slack.mention("ping", channel="C1")
                await slack.says("pong")
    assert said(slack)["C2"] == []
