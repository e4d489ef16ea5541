"""Our calls of the Web API against a Slack that others wrote (npm's emulate): what it takes, and what it then shows.

It does not know Socket Mode, limits of rate, and blocks that are too large: those are the fake's.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest
import trio

from botkube.bots.slack.calling import api
from botkube.bots.slack.calling.api import Call
from botkube.bots.slack.calling.outcome import AuthFailed, NoChannel, Ok, Refused
from botkube.bots.slack.calling.web import SlackWeb, WebSettings, open_web
from botkube.bots.slack.drawing.pack import Post
from botkube.bots.slack.setup.probe import probe
from botkube.bots.slack.setup.seen import Seen, Token
from botkube.runtime.clock import wall
from botkube.runtime.http import no_authorities
from botkube.runtime.websocket import Door
from tests.fakes.slack.emulate import READER, TOKEN, emulated

pytestmark = [pytest.mark.real, pytest.mark.slow]

BLOCKS = ({"type": "section", "text": {"type": "mrkdwn", "text": "*pods* & more"}},)
MODAL = {
    "type": "modal",
    "title": {"type": "plain_text", "text": "Form"},
    "submit": {"type": "plain_text", "text": "Apply"},
    "blocks": [
        {
            "type": "input",
            "block_id": "b",
            "label": {"type": "plain_text", "text": "Name"},
            "element": {"type": "plain_text_input", "action_id": "a"},
        }
    ],
}


class Bench:
    """A client, and what the emulator shows of a channel."""

    def __init__(self, web: SlackWeb) -> None:
        self.web = web
        self.channels: dict[str, str] = {}  # ids by name

    async def ok(self, call: Call) -> Ok:
        """Make a call that must go well."""
        answer = await self.web.call(call)
        assert isinstance(answer, Ok), answer
        return answer

    async def shown(self, channel: str, thread: str = "") -> list[dict[str, object]]:
        """The messages of a channel, or of a thread, oldest first."""
        method = "conversations.replies" if thread else "conversations.history"
        fields = {"channel": channel} | ({"ts": thread} if thread else {})
        answer = await self.ok(Call(method=method, body=urlencode(fields).encode()))
        messages = answer.data["messages"]
        assert isinstance(messages, list)
        return sorted(messages, key=lambda message: str(message["ts"]))


@asynccontextmanager
async def bench(folder: Path, token: str = TOKEN) -> AsyncGenerator[Bench]:
    async with (
        emulated(folder) as url,
        open_web(WebSettings(url=url, bot_token=token), no_authorities()) as web,
    ):
        it = Bench(web)
        cursor = "first"
        while cursor:
            page = await it.ok(api.list_conversations("" if cursor == "first" else cursor, 2))
            items = page.data["channels"]
            assert isinstance(items, list)
            assert len(items) <= 2
            it.channels |= {str(item["name"]): str(item["id"]) for item in items}
            cursor = page.text("response_metadata", "next_cursor")
        yield it


async def test_who_we_are_and_every_page_of_the_channels(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        assert (await it.ok(api.auth_test())).text("team") == "Emulated"
        assert {"general", "random", "ops", "alerts", "team"} >= set(it.channels)
        assert {"ops", "alerts", "team"} <= set(it.channels)
        info = await it.ok(api.channel_info(it.channels["ops"]))
        assert info.text("channel", "name") == "ops"


async def test_messages_are_said_changed_and_threaded(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        ops = it.channels["ops"]
        said = await it.ok(api.post_message("ops", Post(text="pods", blocks=BLOCKS)))
        ts = said.text("ts")
        assert said.text("channel") == ops
        await it.ok(api.post_message(ops, Post(text="a reply"), thread=ts))
        await it.ok(api.update(ops, ts, Post(text="only text now")))
        shown = await it.shown(ops, ts)
        assert [message["text"] for message in shown] == ["only text now", "a reply"]
        assert shown[0].get("blocks", []) == []  # they go with the text that they belonged to
        assert shown[1]["thread_ts"] == ts


async def test_blocks_arrive_as_they_are(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        await it.ok(api.post_message("ops", Post(text="pods", blocks=BLOCKS)))
        assert (await it.shown(it.channels["ops"]))[-1]["blocks"] == list(BLOCKS)


async def test_what_only_one_user_sees_is_not_in_the_channel(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        ops = it.channels["ops"]
        me = (await it.ok(api.auth_test())).text("user_id")
        before = await it.shown(ops)
        said = await it.ok(api.post_ephemeral(ops, me, Post(text="psst", blocks=BLOCKS)))
        assert said.text("message_ts")
        assert await it.shown(ops) == before


async def test_emoji_come_and_go_and_twice_is_as_good_as_once(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        ops = it.channels["ops"]
        ts = (await it.ok(api.post_message(ops, Post(text="x")))).text("ts")
        await it.ok(api.add_reaction(ops, ts, "eyes"))
        await it.ok(api.add_reaction(ops, ts, "eyes"))
        assert "eyes" in str((await it.shown(ops))[-1].get("reactions"))
        await it.ok(api.remove_reaction(ops, ts, "eyes"))
        await it.ok(api.remove_reaction(ops, ts, "eyes"))
        assert "eyes" not in str((await it.shown(ops))[-1].get("reactions"))


async def test_a_file_in_three_steps(tmp_path: Path) -> None:
    content = "Grüße\n".encode() * 1000
    async with bench(tmp_path) as it:
        ops = it.channels["ops"]
        root = (await it.ok(api.post_message(ops, Post(text="root")))).text("ts")
        place = await it.ok(api.upload_url("Response.txt", content))
        await it.ok(api.upload(place.text("upload_url"), content))
        done = api.complete_upload(place.text("file_id"), "Response.txt", ops, "the output", root)
        await it.ok(done)
        shared = (await it.shown(ops, root))[-1]
        files = shared["files"]
        assert isinstance(files, list)
        assert shared["text"] == "the output"
        assert [(file["title"], file["size"]) for file in files] == [
            ("Response.txt", len(content)),
        ]


async def test_a_modal_opens_once(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        trigger = (await it.ok(Call(method="views.generateTriggerId"))).text("trigger_id")
        opened = await it.ok(api.open_view(trigger, MODAL))
        assert opened.text("view", "type") == "modal"
        again = await it.web.call(api.open_view(trigger, MODAL))
    assert isinstance(again, Refused)
    assert again.code == "exchanged_trigger_id"


async def test_what_it_refuses_is_understood(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        nowhere = await it.web.call(api.post_message("C0", Post(text="x")))
        gone = await it.web.call(api.update(it.channels["ops"], "1.000001", Post(text="x")))
    assert isinstance(nowhere, NoChannel)
    assert isinstance(gone, Refused)
    assert gone.code == "message_not_found"


async def test_a_scope_that_is_missing_is_named(tmp_path: Path) -> None:
    async with bench(tmp_path, READER) as it:
        refused = await it.web.call(api.post_message("ops", Post(text="x")))
    assert isinstance(refused, AuthFailed)
    assert refused.scope == "chat:write"


async def test_doctor_sees_its_channels(tmp_path: Path) -> None:
    async with emulated(tmp_path) as url:
        settings = WebSettings(url=url, bot_token=TOKEN)
        known = Seen(key="k", bot=Token(kind="xoxb"))
        with trio.fail_after(100):
            seen = await probe(known, settings, Door(context=no_authorities()), wall)
    assert isinstance(seen.bot.outcome, Ok)
    assert {"ops", "alerts", "team"} <= {channel.name for channel in seen.found}
    assert seen.unlisted is None
