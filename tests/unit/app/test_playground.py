"""The playground's API on the listener: paths, methods, tokens, status codes, both kinds of stream."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
import trio
import trio_websocket
from msgspec.structs import replace

from botkube.app.playground import playground_routes
from botkube.bots.playground.api import PlaygroundApi
from botkube.web.guard import Guard
from botkube.web.http import BODY, Answer, HttpError, Request, Response, Share, Streaming
from botkube.web.server import bind, serving
from tests.fakes.http import Client, request_bytes
from tests.fakes.playground import CHANNEL, Yard, playground_in

if TYPE_CHECKING:
    from botkube.model.routes import Channel

pytestmark = pytest.mark.real

GUARD = Guard(token="s3cret")
BEARER = {"authorization": "Bearer s3cret"}


async def ask(yard: Yard, method: str, path: str, body: bytes = b"", /, **more: str) -> Answer:
    path, _, query = path.partition("?")

    async def read_body(_limit: int = BODY, _share: Share | None = None, /) -> bytes:
        await trio.lowlevel.checkpoint()
        return body

    request = Request(
        method=method,
        path=f"/api/v1/{path}",
        query=dict(part.split("=") for part in query.split("&") if part),
        headers={"host": "localhost", "authorization": "Bearer s3cret", **more},
        read_body=read_body,
    )
    return await playground_routes(yard.api, GUARD)(request)


async def got(yard: Yard, method: str, path: str, body: bytes = b"", **more: str) -> Response:
    answer = await ask(yard, method, path, body, **more)
    assert isinstance(answer, Response)
    return answer


HELLO = b'{"user":"ann","text":"hello","client_id":"c1"}'


async def test_a_message_is_created_once(tmp_path: Path) -> None:
    async with playground_in(tmp_path) as yard:
        first = await got(yard, "POST", "channels/general/messages", HELLO)
        again = await got(yard, "POST", "channels/general/messages", HELLO)
        assert first.status == again.status == 201
        assert first.body == again.body
        assert json.loads(first.body).keys() == {"id", "seq"}
        history = json.loads((await got(yard, "GET", "channels/general/history?limit=5")).body)
        assert [frame["id"] for frame in history] == [json.loads(first.body)["id"]]


async def test_channels_are_listed(tmp_path: Path) -> None:
    async with playground_in(tmp_path) as yard:
        names = [item["name"] for item in json.loads((await got(yard, "GET", "channels")).body)]
        assert names == ["general", "other"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "", b"", 404),
        ("GET", "nothing", b"", 404),
        ("POST", "channels", b"{}", 404),
        ("DELETE", "channels/general/messages", b"", 404),
        ("GET", "channels/general/messages", b"", 404),
        ("GET", "channels/nowhere/history", b"", 404),
        ("POST", "channels/nowhere/messages", HELLO, 404),
        ("POST", "channels/general/messages", b"{", 400),
        ("POST", "channels/general/messages/", HELLO, 404),
        ("POST", "interactions", b"[]", 400),
        (
            "POST",
            "interactions",
            b'{"user":"a","message":"m","element":"/x","kind":"button"}',
            404,
        ),
        ("GET", "channels/general/history?before=x", b"", 400),
        ("GET", "stream?after=x", b"", 400),
        ("GET", "stream?after=-1", b"", 400),
    ],
)
async def test_refusals_by_status(
    tmp_path: Path, method: str, path: str, body: bytes, status: int
) -> None:
    async with playground_in(tmp_path) as yard:
        with pytest.raises(HttpError) as caught:
            await ask(yard, method, path, body)
        assert caught.value.status == status
        assert str(caught.value)


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"authorization": "Bearer wrong"}, 401),
        ({"authorization": ""}, 401),
        ({"host": "evil.example.org"}, 403),
        ({"origin": "http://evil.example.org"}, 403),
    ],
)
async def test_nothing_answers_without_the_token(
    tmp_path: Path, more: dict[str, str], status: int
) -> None:
    async with playground_in(tmp_path) as yard:
        for path in ("channels", "stream", "nothing"):
            with pytest.raises(HttpError) as caught:
                await ask(yard, "GET", path, **more)
            assert caught.value.status == status


async def test_a_store_that_takes_nothing_is_503(tmp_path: Path) -> None:
    async with playground_in(tmp_path) as yard:
        pass
    for method, path in (
        ("POST", "channels/general/messages"),
        ("GET", "channels"),
        ("GET", "channels/general/history"),
    ):
        with pytest.raises(HttpError) as caught:
            await ask(yard, method, path, HELLO)
        assert caught.value.status == 503


async def test_server_sent_events_honour_last_event_id(tmp_path: Path) -> None:
    async with playground_in(tmp_path) as yard:
        seqs = [(await yard.say(str(n))).seq for n in range(3)]
        answer = await ask(
            yard,
            "GET",
            "stream?after=0",
            accept="text/event-stream",
            **{"last-event-id": str(seqs[1])},
        )
        assert isinstance(answer, Streaming)
        assert answer.content_type == "text/event-stream"
        sent: list[bytes] = []

        async def send(data: bytes) -> None:
            await trio.lowlevel.checkpoint()
            sent.append(data)
            if b"id:" in data:
                scope.cancel()

        with trio.CancelScope() as scope:
            await answer.run(send)
        assert sent[1].startswith(b"id: %d\ndata: {" % seqs[2])


@asynccontextmanager
async def listening(api: PlaygroundApi) -> AsyncGenerator[int]:
    listeners = await bind("127.0.0.1", 0)
    async with serving(listeners, playground_routes(api, GUARD)):
        yield listeners[0].socket.getsockname()[1]


@pytest.mark.parametrize("name", ["general", "a b", "a/b", "100%41", "ü", "a?b#c"])
async def test_any_channel_name_can_be_asked_for(tmp_path: Path, name: str) -> None:
    async with playground_in(tmp_path) as yard:
        channels: dict[str, Channel] = {name: replace(CHANNEL, name=name)}
        api = PlaygroundApi(
            yard.playground, yard.database, yard.feed, channels, yard.muted.__contains__
        )
        async with listening(api) as port:
            stream = await trio.open_tcp_stream("127.0.0.1", port)
            async with stream:
                client = Client(stream)
                path = f"/api/v1/channels/{quote(name, safe='')}"
                posted = await client.ask(
                    request_bytes(f"{path}/messages", "POST", HELLO, **BEARER)
                )
                assert posted.status == 201, posted.body
                found = await client.ask(request_bytes(f"{path}/history", **BEARER))
                assert json.loads(found.body)[0]["channel"] == name


async def test_a_websocket_gets_everything_after_its_seq_and_then_what_comes(
    tmp_path: Path,
) -> None:
    async with playground_in(tmp_path) as yard, listening(yard.api) as port:
        seqs = [(await yard.say(str(n))).seq for n in range(5)]
        headers = [(b"authorization", b"Bearer s3cret")]
        url = f"ws://127.0.0.1:{port}/api/v1/stream?after={seqs[1]}"
        async with trio_websocket.open_websocket_url(url, extra_headers=headers) as socket:
            got_seqs = [json.loads(await socket.get_message())["seq"] for _ in range(3)]
            assert got_seqs == seqs[2:]
            live = await yard.say("live")
            assert json.loads(await socket.get_message())["seq"] == live.seq
        async with await trio.open_tcp_stream("127.0.0.1", port) as stream:
            refused = await Client(stream).ask(request_bytes("/api/v1/stream", upgrade="websocket"))
            assert refused.status == 401
