"""Commands said while nobody listened: found once, run if they are young, else asked about."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio

from botkube.bots.slack.calling import directory
from botkube.bots.slack.hearing import catchup
from tests.fakes.receiver import Answer
from tests.fakes.slack.inbound import Inbound, hearing
from tests.fakes.slack.server import FakeSlack, serving_slack
from tests.fakes.slack.workspace import BOT

pytestmark = pytest.mark.real


@asynccontextmanager
async def slack() -> AsyncGenerator[FakeSlack]:
    with trio.fail_after(100):
        async with serving_slack() as fake:
            fake.sockets.retries = ()  # what nobody hears is gone
            yield fake


def looked(fake: FakeSlack, number: int) -> Callable[[], bool]:
    return lambda: len(fake.workspace.calls("conversations.history")) >= number


async def settled(fake: FakeSlack, inbound: Inbound) -> None:
    """Both channels have their marks."""
    await fake.until(looked(fake, 2))
    await heard(fake, inbound, "echo settled")


async def heard(fake: FakeSlack, inbound: Inbound, text: str) -> None:
    fake.mention(text)
    await inbound.until(lambda: text in inbound.texts)


async def away(fake: FakeSlack, inbound: Inbound, *, say: dict[str, float]) -> None:
    """Slack is out of reach while people say commands, each so many seconds ago."""
    await fake.shut()
    await inbound.until(lambda: inbound.health and inbound.health[-1][1])
    for text, ago in say.items():
        fake.workspace.say("C1", f"<@{BOT}> {text}", ago=ago)
    await fake.open()


async def test_what_is_young_runs_in_its_order_and_what_is_older_is_asked_about(
    tmp_path: Path,
) -> None:
    async with slack() as fake, hearing(fake, tmp_path) as inbound:
        await settled(fake, inbound)
        await away(fake, inbound, say={"echo b": 30, "echo old": 300, "echo a": 60, "echo x": 130})
        await inbound.until(lambda: len(inbound.asked) == 2 and len(inbound.texts) == 3)
        assert inbound.texts[1:] == ["echo a", "echo b"]
        assert inbound.asked == [
            "I missed `echo old` while I was disconnected. Run it now?",
            "I missed `echo x` while I was disconnected. Run it now?",
        ]
        fake.workspace.asked.clear()
        await fake.socket.cut()  # found again, and done no second time
        await fake.until(looked(fake, 2))
        await heard(fake, inbound, "echo last")
        assert len(inbound.asked) == 2
        assert len(inbound.texts) == 4


async def test_what_was_said_while_the_program_was_down_is_found(tmp_path: Path) -> None:
    async with slack() as fake:
        async with hearing(fake, tmp_path) as inbound:
            await settled(fake, inbound)
        fake.workspace.say("C1", f"<@{BOT}> echo down")
        fake.workspace.say("C3", f"<@{BOT}> echo elsewhere")
        fake.workspace.say("C1", "not to the bot")
        fake.workspace.say("C1", f"<@{BOT}> echo a bot", {"bot_id": "B1"})
        async with hearing(fake, tmp_path) as inbound:
            await inbound.until(lambda: inbound.texts)
            await heard(fake, inbound, "echo last")
            assert inbound.texts == ["echo down", "echo last"]
        async with hearing(fake, tmp_path) as inbound:
            await heard(fake, inbound, "echo third")
            assert inbound.texts == ["echo third"]


async def test_a_later_command_does_not_hide_an_earlier_one_that_was_not_written_down(
    tmp_path: Path,
) -> None:
    async with slack() as fake:
        async with hearing(fake, tmp_path) as inbound:
            await settled(fake, inbound)
            fake.workspace.say("C1", f"<@{BOT}> echo earlier")  # acknowledged, say, and then a kill
            await heard(fake, inbound, "echo later")
        async with hearing(fake, tmp_path) as inbound:
            await inbound.until(lambda: inbound.texts)
            assert inbound.texts == ["echo earlier"]


async def test_a_first_start_runs_nothing_of_before(tmp_path: Path) -> None:
    async with slack() as fake:
        fake.workspace.say("C1", f"<@{BOT}> echo before")
        async with hearing(fake, tmp_path) as inbound:
            await settled(fake, inbound)
            assert inbound.texts == ["echo settled"]
            assert inbound.asked == []


async def test_what_is_said_before_a_first_look_succeeds_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catchup, "PAUSE", 0.01)
    async with slack() as fake:
        fake.workspace.say("C1", f"<@{BOT}> echo before")
        failing = {"conversations.history"}
        fake.workspace.fault = lambda method, _: Answer(status=503) if method in failing else None
        async with hearing(fake, tmp_path) as inbound:
            await fake.until(looked(fake, 1))
            fake.workspace.say("C1", f"<@{BOT}> echo early")  # the socket has just gone, say
            failing.clear()
            await inbound.until(lambda: inbound.texts)
            await heard(fake, inbound, "echo last")
            assert inbound.texts == ["echo early", "echo last"]
            assert inbound.asked == []


async def test_a_channel_that_is_found_later_is_looked_through_from_then_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "SOONEST", 0.0)
    async with slack() as fake:
        name = fake.workspace.channels.pop("C2")
        async with hearing(fake, tmp_path) as inbound:
            await fake.until(looked(fake, 1))
            await heard(fake, inbound, "echo settled")
            fake.workspace.say("C2", f"<@{BOT}> echo before")
            fake.workspace.channels["C2"] = name
            await fake.socket.cut()
            await fake.until(looked(fake, 3))
            await heard(fake, inbound, "echo last")
            assert inbound.texts == ["echo settled", "echo last"]
            assert inbound.asked == []


async def test_without_the_scope_the_rest_works_and_it_is_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with slack() as fake:
        fake.workspace.scopes.discard("channels:history")
        async with hearing(fake, tmp_path) as inbound:
            await heard(fake, inbound, "echo one")
            await fake.socket.cut()
            await fake.sockets.until(lambda: fake.sockets.opened == 2)
            await fake.sockets.connected(1)
            await heard(fake, inbound, "echo two")
    assert len(fake.workspace.calls("conversations.history")) == 1
    assert caplog.text.count("commands said while disconnected are not found") == 1
    assert "channels:history" in caplog.text


async def test_a_clock_that_jumps_runs_nothing_blindly(tmp_path: Path) -> None:
    async with slack() as fake, hearing(fake, tmp_path) as inbound:
        await settled(fake, inbound)
        real = inbound.wall
        inbound.wall = lambda: real() - 7200
        await away(fake, inbound, say={"echo ahead": -1.0})
        await inbound.until(lambda: inbound.asked)
        assert inbound.texts == ["echo settled"]


async def test_many_pages_are_looked_through_and_no_more_than_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catchup, "PAGE", 10)
    async with slack() as fake, hearing(fake, tmp_path) as inbound:
        await settled(fake, inbound)
        await fake.shut()
        fake.workspace.say("C1", f"<@{BOT}> echo too far")
        for number in range(40):
            fake.workspace.say("C1", f"chatter {number}")
        fake.workspace.say("C1", f"<@{BOT}> echo found")
        for number in range(9):
            fake.workspace.say("C1", f"chatter {number}")
        await fake.open()
        await inbound.until(lambda: "echo found" in inbound.texts)
        assert "echo too far" not in inbound.texts


async def test_a_page_of_long_messages_is_read(tmp_path: Path) -> None:
    async with slack() as fake, hearing(fake, tmp_path) as inbound:
        await settled(fake, inbound)
        await fake.shut()
        fake.workspace.say("C1", f"<@{BOT}> echo found")
        for _ in range(100):
            fake.workspace.say("C1", "An alert with its blocks. " * 1000)
        await fake.open()
        await inbound.until(lambda: "echo found" in inbound.texts)


async def test_a_question_that_the_disk_does_not_take_is_asked_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catchup, "DISK", 0.01)
    async with slack() as fake, hearing(fake, tmp_path) as inbound:
        await settled(fake, inbound)
        inbound.full = 2
        await away(fake, inbound, say={"echo old": 300})
        await inbound.until(lambda: inbound.asked)
        assert "echo old" in inbound.asked[0]
