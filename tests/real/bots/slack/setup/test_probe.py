"""What is asked of Slack, and what each thing that can be broken there looks like to who asks."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

import pytest
import trio

from botkube.bots.slack.calling.outcome import AuthFailed, Later, Ok, Refused
from botkube.bots.slack.calling.web import WebSettings
from botkube.bots.slack.setup.hello import first_hello
from botkube.bots.slack.setup.probe import probe
from botkube.bots.slack.setup.seen import Found, Seen, Token
from botkube.runtime.clock import wall
from botkube.runtime.http import no_authorities
from botkube.runtime.websocket import Door
from tests.fakes.receiver import Answer, Call
from tests.fakes.slack.granted import GRANTED
from tests.fakes.slack.server import FakeSlack, serving_slack
from tests.fakes.slack.workspace import APP_TOKEN, BOT_TOKEN

pytestmark = pytest.mark.real

DOOR = Door(context=no_authorities())
KNOWN = Seen(key="k", bot=Token(kind="xoxb"), app=Token(kind="xapp"))


@asynccontextmanager
async def slack() -> AsyncGenerator[FakeSlack]:
    with trio.fail_after(60):
        async with serving_slack() as fake:
            yield fake


async def look(fake: FakeSlack, seen: Seen = KNOWN, patience: float = 30.0) -> Seen:
    settings = WebSettings(
        url=fake.api_url, bot_token=BOT_TOKEN, app_token=APP_TOKEN, timeout=patience
    )
    return await probe(seen, settings, DOOR, wall)


async def test_all_that_is_good() -> None:
    async with slack() as fake:
        fake.workspace.members.discard("C3")
        seen = await look(fake)
        await fake.sockets.connected(0)
        assert fake.sockets.opened == 1
    assert isinstance(seen.bot.outcome, Ok)
    assert isinstance(seen.app.outcome, Ok)
    assert seen.bot.scopes == frozenset(GRANTED)
    assert seen.bot.date.endswith("GMT")
    assert abs(seen.now - wall()) < 20
    assert seen.hello is not None
    assert (seen.hello.num_connections, seen.no_hello) == (1, "")
    assert seen.found == (
        Found(id="C1", name="general", is_member=True),
        Found(id="C2", name="random", is_member=True),
        Found(id="C3", name="ops"),
    )
    assert seen.unlisted is None


async def test_it_changes_nothing_and_says_nothing() -> None:
    async with slack() as fake:
        await look(fake)
        asked = [call.method for call in fake.workspace.asked]
        assert asked == ["auth.test", "conversations.list", "apps.connections.open"]
        assert not fake.workspace.messages


async def test_what_its_socket_is_handed_comes_to_the_next_one() -> None:
    async with slack() as fake:
        fake.sockets.retries = (0.0, 0.0, 0.0)
        fake.sockets.hello = False  # so that it stays until the mention was sent there
        mention = None
        async with trio.open_nursery() as nursery:
            url = fake._open_socket()
            nursery.start_soon(first_hello, DOOR, url)
            await fake.sockets.connected(1)
            mention = fake.mention("echo hello")
            await fake.sockets.until(lambda: mention.envelopes)
            await fake.socket.send('{"type":"hello","num_connections":1}')
            await fake.sockets.connected(0)
        assert not mention.acks


async def test_channels_of_every_page(monkeypatch: pytest.MonkeyPatch) -> None:
    async with slack() as fake:
        fake.workspace.channels = {f"C{n:05}": f"c{n}" for n in range(2000)}
        seen = await look(fake)
        assert len(seen.found) == 2000
        monkeypatch.setattr("botkube.bots.slack.setup.probe.PAGES", 2)
        seen = await look(fake)
        assert len(seen.found) == 1998
        assert isinstance(seen.unlisted, Later)
        assert "more than 1998" in seen.unlisted.reason


async def test_private_channels_without_the_bot_are_not_seen() -> None:
    async with slack() as fake:
        fake.workspace.private = {"C1", "C3"}
        fake.workspace.members = {"C1"}
        seen = await look(fake)
        assert [channel.id for channel in seen.found] == ["C1", "C2"]
        assert seen.found[0].is_private


@pytest.mark.parametrize("error", ["invalid_auth", "token_revoked", "account_inactive"])
async def test_tokens_that_are_refused(error: str) -> None:
    async with slack() as fake:
        fake.workspace.auth_error = error
        seen = await look(fake)
    for token in (seen.bot, seen.app):
        assert isinstance(token.outcome, AuthFailed)
        assert token.outcome.code == error
    assert seen.found == ()
    assert seen.hello is None


async def test_tokens_that_cannot_be_right_are_not_sent() -> None:
    async with slack() as fake:
        mixed_up = Seen(key="k", bot=Token(kind="xapp"), app=Token(kind="xoxb"))
        for seen in (mixed_up, Seen(key="k")):
            assert await look(fake, seen) == seen
        assert not fake.workspace.asked


def failing(method: str, error: str) -> Callable[[str, Call], Answer | None]:
    body = b'{"ok":false,"error":"%s","needed":"connections:write"}' % error.encode()
    return lambda asked, _: Answer(body=body) if asked == method else None


async def test_socket_mode_that_is_off() -> None:
    async with slack() as fake:
        fake.workspace.fault = failing("apps.connections.open", "socket_mode_off")
        seen = await look(fake)
    assert isinstance(seen.app.outcome, Refused)
    assert len(seen.found) == 3


async def test_an_app_token_without_its_scope() -> None:
    async with slack() as fake:
        fake.workspace.fault = failing("apps.connections.open", "missing_scope")
        seen = await look(fake)
    assert isinstance(seen.app.outcome, AuthFailed)
    assert seen.app.outcome.scope == "connections:write"


async def test_channels_that_may_not_be_listed() -> None:
    async with slack() as fake:
        fake.workspace.scopes.discard("channels:read")
        seen = await look(fake)
    assert isinstance(seen.unlisted, AuthFailed)
    assert seen.unlisted.scope == "channels:read"
    assert seen.hello is not None


async def test_scopes_that_something_on_the_way_hides() -> None:
    async with slack() as fake:
        fake.workspace.tells_scopes = False
        assert (await look(fake)).bot.scopes is None


async def test_sockets_of_others_are_counted() -> None:
    async with slack() as fake:
        fake.sockets.foreign = 3
        seen = await look(fake)
    assert seen.hello is not None
    assert seen.hello.num_connections == 4


async def test_nobody_there_is_asked_once() -> None:
    async with slack() as fake:
        await fake.shut()
        seen = await look(fake)
    assert isinstance(seen.bot.outcome, Later)
    assert "refused" in seen.bot.outcome.reason
    assert seen.app.outcome is None


async def test_silence_is_waited_for_only_once() -> None:
    async with slack() as fake:
        fake.blackhole = True
        seen = await look(fake, patience=0.2)
    assert isinstance(seen.bot.outcome, Later)
    assert "within 0.2 s" in seen.bot.outcome.reason
    assert seen.app.outcome is None


async def test_a_limit_does_not_keep_it_from_asking_the_rest() -> None:
    async with slack() as fake:
        fake.workspace.storm = 1
        seen = await look(fake)
    assert isinstance(seen.bot.outcome, Later)
    assert seen.hello is not None


@pytest.mark.parametrize("url", ["http://127.0.0.1/x", "ftp://x/", "", "ws://"])
async def test_a_url_that_is_none(url: str) -> None:
    said = await first_hello(DOOR, url)
    assert isinstance(said, str)
    assert said.startswith("no socket:")


async def test_no_text_holds_the_secret_of_a_url() -> None:
    async with slack() as fake:
        for text in (f"ws://127.0.0.1:{fake.socket_port}", "ws://127.0.0.1:9"):
            said = await first_hello(DOOR, f"{text}/link/?ticket=geheim")
            assert isinstance(said, str)
            assert "geheim" not in said


@pytest.mark.parametrize(
    ("frame", "expected"),
    [('{"type":"disconnect","reason":"link_disabled"}', "link_disabled"), (None, "broke off")],
)
async def test_a_socket_that_says_something_else(frame: str | None, expected: str) -> None:
    async with slack() as fake:
        fake.sockets.hello = False
        said: list[object] = []

        async def first() -> None:
            said.append(await first_hello(DOOR, fake._open_socket()))

        async with trio.open_nursery() as nursery:
            nursery.start_soon(first)
            await fake.sockets.connected(1)
            if frame is None:
                await fake.socket.cut()
            else:
                await fake.socket.send("no json")
                await fake.socket.send(frame)
        assert expected in str(said[0])


async def test_a_socket_that_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botkube.bots.slack.setup.hello.HELLO", 0.2)
    async with slack() as fake:
        fake.sockets.hello = False
        said = await first_hello(DOOR, fake._open_socket())
        assert "nothing within 0.2 s" in str(said)
        await fake.sockets.connected(0)
