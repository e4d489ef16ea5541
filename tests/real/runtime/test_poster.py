"""Posts over kept connections, on real sockets: what ends one, and what is said about it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio

from botkube.runtime.dial import place_of
from botkube.runtime.http import HttpFailed, no_authorities, trusted_authorities
from botkube.runtime.poster import Limits, Posted, Poster, open_poster
from tests.fakes.forward import forwarding
from tests.fakes.receiver import Answer, Receiver, always, in_turn, receiving
from tests.fakes.tls import authority, server_context

pytestmark = pytest.mark.real


@asynccontextmanager
async def poster(proxy: str = "", limits: Limits | None = None) -> AsyncGenerator[Poster]:
    with trio.fail_after(100):
        async with open_poster(no_authorities(), proxy=proxy, limits=limits) as made:
            yield made


async def post(made: Poster, to: Receiver, body: bytes = b"{}") -> Posted:
    return await made.post(place_of(to.url), "/x?y=1", b"X-One: 1\r\n", body)


async def test_one_connection_serves_many_requests() -> None:
    answer = Answer(status=201, headers={"X-Tell": "Me"}, body=b"hello")
    async with receiving(always(answer)) as to, poster() as made:
        answers = [await post(made, to, b"%d" % n) for n in range(5)]
    assert {(a.status, a.headers["x-tell"], a.body) for a in answers} == {(201, "Me", b"hello")}
    assert [call.body for call in to.calls] == [b"0", b"1", b"2", b"3", b"4"]
    assert {call.connection for call in to.calls} == {1}
    call = to.calls[0]
    assert (call.method, call.path) == ("POST", "/x?y=1")
    assert call.headers == {
        "host": f"127.0.0.1:{to.port}",
        "content-length": "1",
        "x-one": "1",
    }


@pytest.mark.parametrize(
    ("raw", "body"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\nuntil the end", b"until the end"),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", b"ok"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", b"ok"),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", b"ok"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok", b"ok"),
    ],
)
async def test_ways_to_end_an_answer(raw: bytes, body: bytes) -> None:
    async with receiving(always(Answer(raw=raw))) as to, poster() as made:
        for _ in range(2):
            answer = await post(made, to)
            assert (answer.status, answer.body) == (204 if b"204" in raw else 200, body)


async def test_a_connection_that_was_given_up_meanwhile_is_replaced() -> None:
    async with receiving(always(Answer(close=True))) as to, poster() as made:
        for _ in range(3):
            assert (await post(made, to)).status == 200
    assert to.connections == len(to.calls) == 3


async def test_a_kept_connection_that_ends_without_an_answer_is_tried_once_more() -> None:
    decide = in_turn(Answer(), Answer(cut=0), Answer())
    async with receiving(decide) as to, poster() as made:
        assert (await post(made, to)).status == 200
        assert (await post(made, to)).status == 200
        to.decide = always(Answer(cut=20))  # part of an answer is one
        with pytest.raises(HttpFailed, match="closed in the middle"):
            await post(made, to)
    assert len(to.calls) == 4


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (Answer(cut=0), "closed in the middle"),
        (Answer(cut=60, body=b"x" * 100), "closed in the middle"),
        (Answer(raw=b"SSH-2.0-OpenSSH\r\n"), "not HTTP"),
        (Answer(raw=b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"), "not HTTP"),
        (Answer(raw=b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 100_000), "headers have no end"),
        (Answer(raw=b"HTTP/1.1 100 Continue\r\n\r\n" * 20_000), "headers have no end"),
    ],
)
async def test_broken_answers_are_errors(answer: Answer, text: str) -> None:
    async with receiving(always(answer)) as to, poster() as made:
        with pytest.raises(HttpFailed, match=text):
            await post(made, to)


async def test_a_long_answer_costs_its_connection_and_no_memory() -> None:
    answer = Answer(body=b"x" * (3 << 20))
    async with receiving(always(answer)) as to, poster() as made:
        assert len((await post(made, to)).body) == 4096
        await post(made, to)
    assert to.connections == 2


async def test_a_long_answer_is_whole_for_who_keeps_so_much() -> None:
    answer = Answer(body=b"x" * (3 << 20))
    async with receiving(always(answer)) as to, poster(limits=Limits(keep=3 << 20)) as made:
        assert [(await post(made, to)).body == answer.body for _ in range(2)] == [True, True]
    assert to.connections == 1


async def test_a_cancelled_request_takes_its_connection_along() -> None:
    async with receiving(always(Answer(hang=True))) as to, poster() as made:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(post, made, to)
            await to.heard(1)
            nursery.cancel_scope.cancel()
        to.decide = always()
        assert (await post(made, to)).status == 200
    assert to.connections == 2


async def test_nobody_there() -> None:
    async with receiving() as to:
        pass
    async with poster() as made:
        with pytest.raises(HttpFailed, match=rf"127.0.0.1:{to.port}: Connection refused"):
            await post(made, to)


async def test_tls(tmp_path: Path) -> None:
    async with receiving(context=server_context(tmp_path)) as to:
        for context in (no_authorities(), trusted_authorities(str(authority(tmp_path)))):
            async with open_poster(context) as made:
                assert [(await post(made, to)).status for _ in range(2)] == [200, 200]
        assert to.connections == 2
        async with open_poster(trusted_authorities()) as made:
            with pytest.raises(HttpFailed, match=r"TLS with .* failed: self.signed"):
                await post(made, to)
        async with receiving() as plain, open_poster(no_authorities()) as made:
            with pytest.raises(HttpFailed, match=r"TLS with .* failed"):
                await made.post(place_of(f"https://127.0.0.1:{plain.port}"), "/", b"", b"")


async def test_proxies(tmp_path: Path) -> None:
    async with forwarding() as proxy, receiving() as plain, poster(_with_user(proxy.url)) as made:
        assert (await post(made, plain)).status == 200
        assert plain.calls[0].path.endswith("/x?y=1")
        async with receiving(context=server_context(tmp_path)) as secure:
            assert [(await post(made, secure)).status for _ in range(2)] == [200, 200]
            assert secure.connections == 1
            proxy.refuse = True
            async with poster(proxy.url) as other:
                with pytest.raises(HttpFailed, match=r"the proxy does not connect to .* 407"):
                    await post(other, secure)
    credentials = "Basic dXM6cHc="
    assert proxy.asked[:2] == [
        ("POST", f"{plain.url}/x?y=1", credentials),
        ("CONNECT", f"127.0.0.1:{secure.port}", credentials),
    ]


def _with_user(url: str) -> str:
    return url.replace("http://", "http://us:pw@")


async def test_a_proxy_that_does_not_answer_is_no_connection() -> None:
    async def silent(_stream: trio.SocketStream) -> None:
        await trio.sleep_forever()

    with trio.fail_after(100):
        async with trio.open_nursery() as nursery:
            (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
            port = listener.socket.getsockname()[1]
            await nursery.start(trio.serve_listeners, silent, [listener])
            context, limits = no_authorities(), Limits(connect=0.1)
            proxy = f"http://127.0.0.1:{port}"
            async with open_poster(context, proxy=proxy, limits=limits) as made:
                with pytest.raises(HttpFailed, match=r"slack.test:443: no connection within 0.1 s"):
                    await made.post(place_of("https://slack.test"), "/", b"", b"")
            nursery.cancel_scope.cancel()


async def test_as_much_of_an_answer_is_kept_as_is_wanted() -> None:
    answer = Answer(body=b"x" * 100_000)
    with trio.fail_after(100):
        async with (
            receiving(always(answer)) as to,
            open_poster(no_authorities(), limits=Limits(keep=50_000)) as made,
        ):
            assert len((await post(made, to)).body) == 50_000
            assert len((await post(made, to)).body) == 50_000
    assert {call.connection for call in to.calls} == {1}
