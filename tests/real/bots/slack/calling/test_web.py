"""Calls of the Web API on real sockets: what is sent, with which token, and what becomes of failures."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import msgspec
import pytest
import trio

from botkube.bots.slack.calling import api
from botkube.bots.slack.calling.outcome import AuthFailed, Later, NoChannel, Ok, Refused
from botkube.bots.slack.calling.web import SlackWeb, WebSettings, open_web
from botkube.bots.slack.drawing.pack import Post
from botkube.runtime.http import no_authorities
from tests.fakes.forward import forwarding
from tests.fakes.receiver import Answer, Receiver, always, in_turn, receiving

pytestmark = pytest.mark.real
SAY = api.post_message("C1", Post(text="hi"))
OK = Answer(body=b'{"ok":true,"ts":"1.2"}')
BOT, APP = "xoxb-bot-secret", "xapp-app-secret"


@asynccontextmanager
async def web(to: Receiver, **more: object) -> AsyncGenerator[SlackWeb]:
    settings = WebSettings(url=f"{to.url}/api", bot_token=BOT, app_token=APP)
    for name, value in more.items():
        settings = msgspec.structs.replace(settings, **{name: value})
    with trio.fail_after(30):
        async with open_web(settings, no_authorities()) as made:
            yield made


async def test_a_call_goes_as_a_form_with_its_token_over_one_connection() -> None:
    async with receiving(always(OK)) as to, web(to) as made:
        said = await made.call(SAY)
        await made.call(api.connections_open())
    assert isinstance(said, Ok)
    assert said.text("ts") == "1.2"
    first, second = to.calls
    assert (first.method, first.path, first.body) == ("POST", "/api/chat.postMessage", SAY.body)
    assert first.headers["authorization"] == f"Bearer {BOT}"
    assert first.headers["content-type"] == SAY.content_type
    assert (second.path, second.headers["authorization"]) == (
        "/api/apps.connections.open",
        f"Bearer {APP}",
    )
    assert first.connection == second.connection


async def test_a_url_of_its_own_gets_no_token() -> None:
    async with receiving(always(Answer(body=b"ok"))) as to, web(to) as made:
        said = await made.call(api.respond(f"{to.url}/r?x=1", Post(text="hi"), replace=True))
        put = await made.call(api.upload(f"{to.url}/u", b"content"))
    assert (said, put) == (Ok(), Ok())
    assert [call.path for call in to.calls] == ["/r?x=1", "/u"]
    assert all("authorization" not in call.headers for call in to.calls)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Answer(status=429, headers={"Retry-After": "2"}), Later),
        (Answer(status=503), Later),
        (Answer(cut=10), Later),
        (Answer(body=b'{"ok":false,"error":"invalid_auth"}'), AuthFailed),
        (Answer(body=b'{"ok":false,"error":"not_in_channel"}'), NoChannel),
        (Answer(body=b'{"ok":false,"error":"invalid_blocks"}'), Refused),
    ],
)
async def test_failures_are_values(answer: Answer, expected: type) -> None:
    async with receiving(always(answer)) as to, web(to) as made:
        assert isinstance(await made.call(SAY), expected)


async def test_silence_ends_with_the_timeout_and_the_next_call_works() -> None:
    async with receiving(in_turn(Answer(hang=True), OK)) as to, web(to, timeout=2) as made:
        assert await made.call(SAY) == Later(reason="Slack did not answer within 2 s", unheard=True)
        assert isinstance(await made.call(SAY), Ok)


async def test_nobody_there_names_no_token() -> None:
    async with receiving() as to:
        pass
    async with web(to) as made:
        said = await made.call(SAY)
    assert isinstance(said, Later)
    assert "connection refused" in said.reason.lower()
    assert "secret" not in repr(said) + repr(WebSettings(bot_token=BOT, app_token=APP))


async def test_a_long_answer_is_read_whole() -> None:
    names = ",".join(f'{{"name":"c{n}"}}' for n in range(10_000))
    body = f'{{"ok":true,"channels":[{names}]}}'.encode()
    async with receiving(always(Answer(body=body))) as to, web(to) as made:
        said = await made.call(api.list_conversations())
    assert isinstance(said, Ok)
    channels = said.data["channels"]
    assert isinstance(channels, list)
    assert len(channels) == 10_000


async def test_a_proxy_is_asked() -> None:
    async with receiving(always(OK)) as to, forwarding() as proxy, web(to, proxy=proxy.url) as made:
        assert isinstance(await made.call(SAY), Ok)
    assert proxy.asked


async def test_a_token_cannot_add_header_lines() -> None:
    async with receiving(always(OK)) as to, web(to, bot_token="a\r\nX-More: 1") as made:
        await made.call(SAY)
    assert "x-more" not in to.calls[0].headers
