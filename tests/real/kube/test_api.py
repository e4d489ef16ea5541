"""Requests to an API server that answers well, says no, talks nonsense, hangs up, floods or is silent."""

import contextlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial

import pytest
import trio

from botkube.kube.access import ClusterAccess
from botkube.kube.api import KubeError, open_api
from botkube.model.rbac import ServiceAccount

pytestmark = pytest.mark.real

ACCOUNT = ServiceAccount(namespace="n", name="s")
GOOD = b'{"kind":"TokenRequest","status":{"token":"t.o.k","expirationTimestamp":"2030-01-01T00:00:00Z"}}'


def answer(status: str, body: bytes) -> bytes:
    return f"HTTP/1.1 {status}\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body


@asynccontextmanager
async def server(reply: bytes | None, asked: list[bytes]) -> AsyncGenerator[str]:
    """An API server that gives each request this reply; None: silence."""

    async def serve(stream: trio.SocketStream) -> None:
        async with stream:
            asked.append(bytes(await stream.receive_some(65536)))
            if reply is None:
                await trio.sleep_forever()
            else:
                with contextlib.suppress(trio.BrokenResourceError):  # it may not want all of it
                    await stream.send_all(reply)

    async with trio.open_nursery() as nursery:
        listeners = await nursery.start(partial(trio.serve_tcp, serve, 0, host="127.0.0.1"))
        port = listeners[0].socket.getsockname()[1]
        yield f"http://127.0.0.1:{port}"
        nursery.cancel_scope.cancel()


async def test_a_token() -> None:
    asked: list[bytes] = []
    with trio.fail_after(100):
        async with server(answer("201 Created", GOOD), asked) as url:
            access = ClusterAccess(server=url, token="ours")
            async with open_api(access) as api:
                token = await api.create_token(ACCOUNT, 3600)
    assert token.text == "t.o.k"
    assert token.expires_at == datetime(2030, 1, 1, tzinfo=UTC).timestamp()
    assert asked[0].startswith(b"POST /api/v1/namespaces/n/serviceaccounts/s/token HTTP/1.1\r\n")
    assert b"Authorization: Bearer ours" in asked[0] or b"authorization: Bearer ours" in asked[0]
    assert "t.o.k" not in repr(token)


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (answer("403 Forbidden", b'{"message":"you cannot"}'), "403 you cannot"),
        (answer("500 Oops", b"<html>"), "500 <html>"),
        (answer("201 Created", b"{}"), "nonsense"),
        (answer("302 Found", b""), "302"),
        (answer("201 Created", GOOD)[:-5], "cannot get a token"),
        (b"\x16\x03\x01 no http", "cannot get a token"),
        (answer("201 Created", b"x" * (2 << 20)), "larger than 1 MiB"),
    ],
    ids=["forbidden", "broken", "nonsense", "elsewhere", "cut", "no http", "flood"],
)
async def test_what_it_says_is_told(reply: bytes, words: str) -> None:
    with trio.fail_after(100):
        async with server(reply, []) as url, open_api(ClusterAccess(server=url)) as api:
            with pytest.raises(KubeError, match=words):
                await api.create_token(ACCOUNT, 3600)


async def test_nobody_answers() -> None:
    with trio.fail_after(100):
        async with open_api(ClusterAccess(server="http://127.0.0.1:9")) as api:
            with pytest.raises(KubeError, match="n/s"):
                await api.create_token(ACCOUNT, 3600)


async def test_the_caller_decides_how_long() -> None:
    with trio.fail_after(100):
        async with server(None, []) as url, open_api(ClusterAccess(server=url)) as api:
            with trio.move_on_after(0.1) as scope:
                await api.create_token(ACCOUNT, 3600)
    assert scope.cancelled_caught


async def test_certificates_that_are_none() -> None:
    with pytest.raises(KubeError, match="cannot be used"):
        async with open_api(ClusterAccess(server="https://x", ca_data="bm9uZQ==")):
            pytest.fail("it opened")
