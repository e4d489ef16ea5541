"""The receiver is an honest HTTP server: httpx understands all that it says, and it misbehaves only when told to."""

import httpx
import pytest
import trio

from tests.fakes.receiver import Answer, Receiver, in_turn, receiving

pytestmark = pytest.mark.real


def asking(to: Receiver) -> httpx.AsyncClient:
    return httpx.AsyncClient(trust_env=False, base_url=to.url, timeout=3)


async def test_it_records_and_answers() -> None:
    answer = Answer(status=201, headers={"X-A": "b"}, body=b"hello")
    async with receiving(in_turn(answer, Answer(status=204))) as to, asking(to) as client:
        first = await client.post("/one?two", content=b"body", headers={"X-C": "d"})
        second = await client.request("DELETE", "/three")
        head = await client.head("/")
    assert (first.status_code, first.headers["x-a"], first.content) == (201, "b", b"hello")
    assert (second.status_code, head.status_code) == (204, 204)
    assert [(c.method, c.path, c.body) for c in to.calls] == [
        ("POST", "/one?two", b"body"),
        ("DELETE", "/three", b""),
        ("HEAD", "/", b""),
    ]
    assert to.calls[0].headers["x-c"] == "d"
    assert to.connections == 1


async def test_it_misbehaves() -> None:
    answers = (
        Answer(cut=5),
        Answer(raw=b"junk\r\n\r\n"),
        Answer(body=b"12345", cut=40),
        Answer(hang=True),
    )
    async with receiving(in_turn(*answers)) as to, asking(to) as client:
        for _ in range(3):
            with pytest.raises(httpx.RemoteProtocolError):
                await client.get("/")
        with pytest.raises(httpx.ReadTimeout):
            await client.get("/")
        with trio.fail_after(100):
            await to.heard(4)
