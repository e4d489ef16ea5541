"""Commands of Slack are accepted once, in known channels, and journalled before they run."""

import sqlite3
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest
import trio

from botkube.bots.slack.drawing.links import key_of, options_key
from botkube.bots.slack.hearing.reception import FORGOTTEN
from botkube.bots.slack.saying.asked import asked_of
from botkube.model.command import Origin
from botkube.model.replies import BUSY
from botkube.store import kept
from botkube.store.database import Database
from tests.fakes.slack.inbound import Inbound, hearing
from tests.fakes.slack.server import FakeSlack, serving_slack
from tests.fakes.slack.sockets import Sent
from tests.fakes.slack.workspace import BOT

pytestmark = pytest.mark.real


@asynccontextmanager
async def heard(
    folder: Path, *, room: int = 1000, work: bool = True
) -> AsyncGenerator[tuple[FakeSlack, Inbound]]:
    with trio.fail_after(100):
        async with (
            serving_slack() as slack,
            hearing(slack, folder, room=room, work=work) as inbound,
        ):
            yield slack, inbound


async def rows(database: Database, query: str) -> list[tuple[object, ...]]:
    def ask(connection: sqlite3.Connection) -> list[tuple[object, ...]]:
        return connection.execute(query).fetchall()

    return await database.read(ask)


def button(value: str) -> dict[str, object]:
    return {"type": "button", "action_id": "cmd", "block_id": "b", "value": value}


async def test_what_a_command_carries(tmp_path: Path) -> None:
    async with heard(tmp_path) as (slack, inbound):
        slack.mention("echo &lt;x&gt; “y”", thread_ts="9.9")
        await inbound.until(lambda: inbound.ran)
        incoming = inbound.ran[0]
        assert incoming.text == 'echo <x> "y"'
        assert (incoming.user.name, incoming.user.mention) == ("Ann Example", "<@U1>")
        assert incoming.address.platform == "default-socketSlack"
        assert (incoming.address.channel, incoming.address.thread) == ("general", "9.9")
        assert incoming.origin is Origin.TYPED
        asked = asked_of(incoming)
        assert (asked.channel, asked.user, asked.thread) == ("C1", "U1", "9.9")
        assert asked.ts == slack.workspace.history["C1"][0]["ts"]
        found = await rows(inbound.database, "SELECT platform, channel, text, open FROM command")
        assert found == [("default-socketSlack", "general", 'echo <x> "y"', 0)]
        slack.click(button(f"<@{BOT}> echo z"), ts="10.2")
        await inbound.until(lambda: len(inbound.ran) == 2)
        asked, incoming = asked_of(inbound.ran[1]), inbound.ran[1]
        assert (incoming.message, incoming.origin) == ("10.2", Origin.BUTTON)
        assert (asked.ts, asked.message) == ("10.2", "10.2")
        assert asked.response_url.startswith(slack.workspace.url.removesuffix("/api"))
        assert asked.triggered_at > 0


async def test_it_runs_once_over_restarts_too(tmp_path: Path) -> None:
    with trio.fail_after(100):
        async with serving_slack() as slack:
            async with hearing(slack, tmp_path) as inbound:
                sent = slack.mention("echo once")
                await inbound.until(lambda: inbound.ran)
            async with hearing(slack, tmp_path) as inbound:
                await slack.deliver(Sent("events_api", sent.payload, answerable=False)).acked.wait()
                slack.mention("echo last")
                await inbound.until(lambda: inbound.ran)
                assert inbound.texts == ["echo last"]


async def test_each_command_of_a_modal_is_journalled_with_the_others(tmp_path: Path) -> None:
    values = {
        f"b{number}": {f"<@{BOT}> echo {number}": {"type": "plain_text_input", "value": "x"}}
        for number in range(3)
    }
    async with heard(tmp_path) as (slack, inbound):
        slack.submit({"private_metadata": "C1 9.9"}, values)
        await inbound.until(lambda: len(inbound.ran) == 3)
        assert inbound.texts == ['echo 0"x"', 'echo 1"x"', 'echo 2"x"']
        assert {incoming.address.thread for incoming in inbound.ran} == {"9.9"}
        assert len({incoming.id for incoming in inbound.ran}) == 3


async def test_who_finds_no_room_is_told_and_nothing_is_journalled(tmp_path: Path) -> None:
    async with heard(tmp_path, room=2, work=False) as (slack, inbound):
        sent = [slack.mention(f"echo {number}") for number in range(3)]
        for item in sent:
            await item.acked.wait()
        await slack.until(slack.workspace.posts)
        post = slack.workspace.posts()[0]
        assert (post.text, post.user, post.channel) == (BUSY, "U1", "C1")
        assert await rows(inbound.database, "SELECT count(*) FROM command") == [(2,)]
        for item in sent:  # they come again, and nobody is told a second time
            await slack.deliver(Sent("events_api", item.payload, answerable=False)).acked.wait()
        slack.mention("echo more")
        await slack.until(lambda: len(slack.workspace.posts()) == 2)
        assert await rows(inbound.database, "SELECT count(*) FROM command") == [(2,)]


async def test_everybody_who_finds_no_room_is_told_though_slack_takes_few_at_once(
    tmp_path: Path,
) -> None:
    async with heard(tmp_path, room=0) as (slack, _):
        users = [f"U{number}" for number in range(10, 20)]
        slack.workspace.users |= dict.fromkeys(users, "Somebody")
        for user in users:
            slack.mention("echo x", user=user)
        await slack.until(lambda: len(slack.workspace.posts()) == 10)
        assert sorted(post.user for post in slack.workspace.posts()) == users


async def test_what_an_element_stands_for_is_looked_up(tmp_path: Path) -> None:
    long = f"<@{BOT}> echo {'x' * 2100}"
    async with heard(tmp_path) as (slack, inbound):
        await inbound.database.do(
            lambda connection: kept.keep(connection, {key_of(long): long}, 1.0)
        )
        slack.click(button(key_of(long)), ts="10.2")
        await inbound.until(lambda: inbound.ran)
        assert inbound.texts == [long.removeprefix(f"<@{BOT}> ")]
        slack.click(button(key_of("forgotten")), ts="10.2")
        await slack.until(slack.workspace.posts)
        assert slack.workspace.posts()[0].text == FORGOTTEN
        assert slack.workspace.posts()[0].user == "U1"


async def test_a_search_is_answered_from_what_was_kept(tmp_path: Path) -> None:
    groups = [["", [["first pod", "pod/1"], ["second pod", "pod/2"]]]]
    async with heard(tmp_path) as (slack, inbound):
        key, text = options_key("b", "a"), msgspec.json.encode(groups).decode()
        await inbound.database.do(lambda connection: kept.keep(connection, {key: text}, 1.0))
        search = {"type": "block_suggestion", "action_id": "a", "block_id": "b", "value": "second"}
        sent = slack.interact(search, answerable=True)
        await sent.acked.wait()
        assert isinstance(sent.answer, dict)
        assert [item["value"] for item in sent.answer["options"]] == ["pod/2"]


async def test_a_channel_that_cannot_be_named_holds_up_nobody(tmp_path: Path) -> None:
    async with heard(tmp_path) as (slack, inbound):
        slack.event({"type": "app_mention", "user": "U1", "channel": "C404", "ts": "1.1",
                     "text": f"<@{BOT}> ping"})  # fmt: skip
        slack.mention("echo known")
        await inbound.until(lambda: inbound.ran)
        assert inbound.texts == ["echo known"]
        assert slack.workspace.posts() == []


async def test_users_who_cannot_be_named_keep_their_ids_and_are_not_asked_for_again(
    tmp_path: Path,
) -> None:
    async with heard(tmp_path) as (slack, inbound):
        slack.workspace.scopes.discard("users:read")
        slack.mention("echo one")
        slack.mention("echo two")
        await inbound.until(lambda: len(inbound.ran) == 2)
        assert {incoming.user.name for incoming in inbound.ran} == {"U1"}
        assert len(slack.workspace.calls("users.info")) == 1


async def test_a_slash_command_in_a_private_channel_is_known_by_its_id(tmp_path: Path) -> None:
    async with heard(tmp_path) as (slack, inbound):
        slash = {"command": "/botkube", "text": "echo x", "user_id": "U1", "channel_id": "C1",
                 "channel_name": "privategroup", "trigger_id": "t", "response_url": ""}  # fmt: skip
        slack.deliver(Sent("slash_commands", slash, answerable=True))
        await inbound.until(lambda: inbound.ran)
        assert inbound.ran[0].address.channel == "general"


async def test_a_configured_channel_that_is_not_there_is_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with trio.fail_after(100):
        async with serving_slack() as slack:
            del slack.workspace.channels["C2"]
            async with hearing(slack, tmp_path) as inbound:
                await slack.until(lambda: slack.workspace.calls("conversations.history"))
                await slack.socket.cut()
                await slack.until(lambda: len(slack.workspace.calls("conversations.history")) == 2)
                slack.mention("echo x")
                await inbound.until(lambda: inbound.ran)
    assert caplog.text.count("There is no channel random") == 1


async def test_a_channel_that_is_configured_by_its_id_is_known_at_once_whatever_its_name(
    tmp_path: Path,
) -> None:
    with trio.fail_after(100):
        async with serving_slack() as slack, hearing(slack, tmp_path, names=["C1"]) as inbound:
            slack.mention("echo first")
            await inbound.until(lambda: inbound.ran)
            renamed = {"type": "channel_rename", "channel": {"id": "C1", "name": "chatter"}}
            await slack.event(renamed).acked.wait()
            slack.mention("echo renamed")
            await inbound.until(lambda: len(inbound.ran) == 2)
            assert not slack.workspace.calls("conversations.info")
