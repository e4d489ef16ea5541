"""The fake Slack is proved with the clients that Slack makes: what they can talk to is near enough to the real one."""

import logging
import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import pytest
import trio
from slack_bolt import Ack, App, Say
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from tests.fakes.bounds import bound
from tests.fakes.slack.server import FakeSlack, serving_slack
from tests.fakes.slack.workspace import APP_TOKEN, BOT_TOKEN

pytestmark = [
    pytest.mark.real,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # theirs
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

T = TypeVar("T")
BLOCK = {"type": "section", "text": {"type": "mrkdwn", "text": "*hello*"}}


async def in_thread(call: Callable[[], T]) -> T:
    return await trio.to_thread.run_sync(call, abandon_on_cancel=True)


@asynccontextmanager
async def slack() -> AsyncGenerator[FakeSlack]:
    with trio.fail_after(100):
        async with serving_slack() as fake:
            yield fake


def web(fake: FakeSlack, token: str = BOT_TOKEN) -> WebClient:
    return WebClient(token=token, base_url=fake.api_url)


async def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(SlackApiError) as caught:
        await in_thread(call)
    return str(caught.value.response["error"])


async def test_the_web_api() -> None:
    async with slack() as fake:
        client = web(fake)
        who = await in_thread(client.auth_test)
        assert who["user_id"] == "UBOT"
        said = await in_thread(
            lambda: client.chat_postMessage(channel="general", text="hello", blocks=[BLOCK])
        )
        assert said["channel"] == "C1"
        ts = said["ts"]
        await in_thread(lambda: client.chat_update(channel="C1", ts=ts, text="other"))
        await in_thread(lambda: client.chat_postEphemeral(channel="C1", user="U1", text="psst"))
        await in_thread(lambda: client.reactions_add(channel="C1", timestamp=ts, name="eyes"))
        await in_thread(lambda: client.reactions_remove(channel="C1", timestamp=ts, name="eyes"))
        listed = await in_thread(lambda: client.conversations_list(limit=2))
        assert [item["name"] for item in listed["channels"]] == ["general", "random"]
        rest = await in_thread(
            lambda: client.conversations_list(cursor=listed["response_metadata"]["next_cursor"])
        )
        assert [item["name"] for item in rest["channels"]] == ["ops"]
        assert (await in_thread(lambda: client.conversations_info(channel="C2")))["channel"]["name"]
        history = await in_thread(lambda: client.conversations_history(channel="C1"))
        assert [item["ts"] for item in history["messages"]] == [ts]
        user = await in_thread(lambda: client.users_info(user="U1"))
        assert user["user"]["real_name"] == "Ann Example"
        await in_thread(
            lambda: client.files_upload_v2(channel="C1", content="long\ntext", filename="x.txt")
        )
    assert [(m.text, m.user, m.edits) for m in fake.workspace.messages[:2]] == [
        ("other", "", 1),
        ("psst", "U1", 0),
    ]
    assert list(fake.workspace.files.values()) == [b"long\ntext"]
    assert fake.workspace.reacted == [f"+eyes C1 {ts}", f"-eyes C1 {ts}"]


async def test_what_slack_refuses() -> None:
    async with slack() as fake:
        client = web(fake)
        bad = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}
        assert (
            await refusal(lambda: client.chat_postMessage(channel="C1", text="x", blocks=[bad]))
            == "invalid_blocks"
        )
        with pytest.warns(UserWarning, match="text"):
            error = await refusal(lambda: client.chat_postMessage(channel="C1", text=" "))
        assert error == "no_text"
        assert (
            await refusal(lambda: client.chat_postMessage(channel="C9", text="x"))
            == "channel_not_found"
        )
        assert await refusal(lambda: client.views_open(trigger_id="old", view={})) == (
            "exchanged_trigger_id"
        )
        fake.workspace.scopes.clear()
        assert await refusal(lambda: client.conversations_history(channel="C1")) == "missing_scope"
        assert await refusal(web(fake, "xoxb-other").auth_test) == "invalid_auth"
        fake.workspace.auth_error = "token_revoked"
        assert await refusal(client.auth_test) == "token_revoked"


async def test_the_rates_of_a_channel() -> None:
    async with slack() as fake:
        fake.workspace.limits = True
        client = web(fake)
        for _ in range(5):
            await in_thread(lambda: client.chat_postMessage(channel="C1", text="x"))
        with pytest.raises(SlackApiError) as caught:
            await in_thread(lambda: client.chat_postMessage(channel="C1", text="x"))
        assert caught.value.response.status_code == 429
        assert caught.value.response.headers["retry-after"] == "1"
        await in_thread(lambda: client.chat_postMessage(channel="C2", text="x"))


class Sdk:
    """slack_sdk's own Socket Mode client, that acknowledges and answers mentions."""

    def __init__(self, fake: FakeSlack) -> None:
        self.heard: list[str] = []
        self.silent = False
        self.client = SocketModeClient(
            app_token=APP_TOKEN, web_client=web(fake), ping_interval=1, trace_enabled=False
        )
        self.client.wss_uri = None
        self.client.socket_mode_request_listeners.append(self._hear)

    def _hear(self, client: BaseSocketModeClient, request: SocketModeRequest) -> None:
        self.heard.append(request.envelope_id)
        if self.silent:
            return
        client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))
        event = request.payload.get("event", {})
        if event:
            client.web_client.chat_postMessage(channel=event["channel"], text="pong")


@asynccontextmanager
async def sdk(fake: FakeSlack) -> AsyncGenerator[Sdk]:
    client = Sdk(fake)
    await in_thread(client.client.connect)
    try:
        await fake.sockets.connected()
        yield client
    finally:
        with trio.CancelScope(shield=True):
            await in_thread(client.client.close)


async def test_socket_mode_with_their_client() -> None:
    async with slack() as fake, sdk(fake) as client:
        sent = fake.mention("ping")
        await sent.acked.wait()
        await fake.posted(1)
        assert sent.delay < bound(3, 20)
        assert fake.workspace.posts()[0].text == "pong"
        clicked = fake.click({"type": "button", "action_id": "x", "value": "y"}, ts="10.1")
        await clicked.acked.wait()
        assert len(client.heard) == 2


async def test_a_socket_that_is_to_be_replaced() -> None:
    async with slack() as fake, sdk(fake):
        first = fake.socket
        await first.disconnect("warning")
        await first.close()
        await fake.sockets.until(lambda: fake.sockets.opened == 2)
        await fake.sockets.connected()
        await fake.mention("ping").acked.wait()


async def test_what_is_not_acknowledged_comes_again() -> None:
    async with slack() as fake, sdk(fake) as client:
        fake.sockets.patience, fake.sockets.retries = 0.2, (0.0, 0.1)
        client.silent = True
        sent = fake.mention("ping")
        await fake.sockets.until(lambda: len(set(sent.envelopes)) == 3)
        assert not sent.acked.is_set()


async def test_ten_sockets_at_most_and_each_payload_to_one() -> None:
    async with slack() as fake, trio.open_nursery() as nursery:
        clients = [Sdk(fake) for _ in range(3)]
        for client in clients:
            nursery.start_soon(in_thread, client.client.connect)
        await fake.sockets.connected(3)
        sent = [fake.mention(f"ping {number}") for number in range(12)]
        for item in sent:
            await item.acked.wait()
        await fake.posted(12)
        assert sum(len(client.heard) for client in clients) == 12
        assert all(client.heard for client in clients)
        for client in clients:
            await in_thread(client.client.close)


async def test_bolt_answers_a_mention_a_click_and_a_slash_command() -> None:
    async with slack() as fake:
        logging.getLogger("slack_bolt").setLevel(logging.CRITICAL)
        app = await in_thread(lambda: App(client=web(fake), token_verification_enabled=False))
        clicked = threading.Event()

        @app.event("app_mention")
        def mentioned(event: dict[str, object], say: Say) -> None:
            say(f"heard {event['text']}")

        @app.action("press")
        def pressed(ack: Ack) -> None:
            ack()
            clicked.set()

        @app.command("/botkube")
        def asked(ack: Ack) -> None:
            ack("at once")

        handler = SocketModeHandler(app, APP_TOKEN)
        handler.client.web_client = web(fake, APP_TOKEN)
        await in_thread(handler.connect)
        await fake.sockets.connected()
        await fake.mention("ping").acked.wait()
        await fake.posted(1)
        action = {"type": "button", "action_id": "press", "block_id": "b", "value": "v"}
        await fake.click(action, ts="10.1").acked.wait()
        slash = fake.slash("ping")
        await slash.acked.wait()
        await in_thread(handler.close)
        assert "ping" in fake.workspace.posts()[0].text
        assert clicked.is_set()
        assert slash.answer == {"text": "at once"}
