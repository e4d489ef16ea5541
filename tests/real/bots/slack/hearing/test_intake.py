"""A flood from Slack is bounded: everything is acknowledged, each command is run once or its asker told."""

from pathlib import Path

import pytest
import trio

from botkube.bots.slack.hearing import intake
from botkube.model.replies import BUSY
from botkube.store.journal import open_commands
from tests.fakes.bounds import bound
from tests.fakes.receiver import Answer
from tests.fakes.slack.inbound import hearing
from tests.fakes.slack.server import serving_slack
from tests.fakes.store import Gate, opened

pytestmark = pytest.mark.real


async def test_two_hundred_at_once_run_once_each(tmp_path: Path) -> None:
    with trio.fail_after(100):
        async with serving_slack() as slack, hearing(slack, tmp_path) as inbound:
            sent = [slack.mention(f"echo {number}") for number in range(200)]
            for item in sent:
                await item.acked.wait()
            await inbound.until(lambda: len(inbound.ran) == 200)
            assert sorted(inbound.texts) == sorted(f"echo {number}" for number in range(200))
            assert max(item.delay for item in sent) < bound(3, 20)


async def test_a_slow_disk_holds_up_no_acknowledgement_and_what_is_too_much_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "WAITING", 5)
    with trio.fail_after(100):
        async with serving_slack() as slack, hearing(slack, tmp_path) as inbound:
            slack.mention("echo first")
            await inbound.until(lambda: inbound.ran)
            gate = Gate()
            async with trio.open_nursery() as nursery:
                await gate.close(inbound.database, nursery)
                sent = [slack.mention(f"echo {number}") for number in range(20)]
                for item in sent:
                    await item.acked.wait()
                assert len(inbound.ran) == 1
                gate.open()
            await slack.until(slack.workspace.posts)
            await inbound.until(lambda: len(inbound.ran) >= 6)
            assert slack.workspace.posts()[0].text == BUSY
            assert len(set(inbound.texts)) == len(inbound.texts)


async def test_a_channel_that_cannot_be_named_now_holds_up_no_other_and_loses_nothing(
    tmp_path: Path,
) -> None:
    with trio.fail_after(100):
        async with serving_slack() as slack, hearing(slack, tmp_path) as inbound:
            slack.mention("echo first")
            await inbound.until(lambda: inbound.ran)
            slack.workspace.channels |= {"C2": "elsewhere", "C9": "random"}  # it moved
            slack.workspace.fault = lambda method, _: (
                Answer(status=503) if method == "conversations.info" else None
            )
            for number in range(2):
                await slack.mention(f"echo strange {number}", channel="C9").acked.wait()
            await slack.until(lambda: slack.workspace.calls("conversations.info"))
            slack.mention("echo known")
            await inbound.until(lambda: len(inbound.ran) == 2)
            slack.workspace.fault = lambda _method, _call: None
            await inbound.until(lambda: len(inbound.ran) == 4)
    assert inbound.texts == ["echo first", "echo known", "echo strange 0", "echo strange 1"]


async def test_what_was_acknowledged_is_accepted_at_the_end(tmp_path: Path) -> None:
    with trio.fail_after(100):
        async with serving_slack() as slack:
            async with hearing(slack, tmp_path) as inbound:
                slack.mention("echo first")
                await inbound.until(lambda: inbound.ran)
                slack.workspace.fault = lambda method, _: (
                    Answer(hang=True) if method == "users.info" else None
                )
                for number in range(3):
                    await slack.mention(f"echo {number}", user=f"U{number + 2}").acked.wait()
                await slack.until(lambda: len(slack.workspace.calls("users.info")) == 2)
                assert len(inbound.ran) == 1
                slack.workspace.fault = lambda _method, _call: None
            async with opened(tmp_path) as database:
                left = await database.read(lambda connection: open_commands(connection, 10))
    assert [command.text for command in left] == ["echo 0", "echo 1", "echo 2"]
