"""One HTTP/1.1 connection: what a client may send, and how long it may take."""

import pytest
import trio
import trio.testing

from botkube.web import inbound, sending
from botkube.web.budget import Budget
from botkube.web.http import Answer, HttpError, Request, Response, Streaming
from tests.fakes.http import Send, answering, connected, request_bytes

Clock = trio.testing.MockClock


async def test_a_request_and_its_answer() -> None:
    async with connected() as client:
        got = await client.ask(request_bytes("/a%20b?x=1&y=&x=2&z=%C3%BC"))
        assert got.status == 200
        assert got.body == "GET /a b {'x': '2', 'y': '', 'z': 'ü'} b''".encode()
        assert got.headers["content-length"] == str(len(got.body))


async def test_a_connection_serves_many_requests() -> None:
    async with connected() as client:
        for number in range(5):
            got = await client.ask(request_bytes(f"/{number}", "POST", b"body"))
            assert got.body == f"POST /{number} {{}} b'body'".encode()


async def test_requests_sent_together_are_answered_in_order() -> None:
    async with connected() as client:
        await client.send(b"".join(request_bytes(f"/{n}", "POST", b"b%d" % n) for n in range(4)))
        for number in range(4):
            assert (await client.answer()).body.startswith(f"POST /{number}".encode())


async def test_a_request_may_come_byte_by_byte() -> None:
    async with connected() as client:
        for byte in request_bytes("/slow", "POST", b"abc"):
            await client.send(bytes([byte]))
            await trio.testing.wait_all_tasks_blocked()
        assert (await client.answer()).body == b"POST /slow {} b'abc'"


async def test_head_has_the_headers_of_get_and_no_body() -> None:
    async with connected() as client:
        got = await client.ask(request_bytes("/x", "HEAD"), "HEAD")
        assert (got.status, got.body) == (200, b"")
        assert int(got.headers["content-length"]) > 0
        assert (await client.ask(request_bytes("/next"))).body.startswith(b"GET /next")


async def test_a_chunked_body() -> None:
    async with connected() as client:
        await client.send(
            b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
            b"3\r\nabc\r\n2;ext=1\r\nde\r\n0\r\ntrailer: x\r\n\r\n"
        )
        assert (await client.answer()).body == b"POST / {} b'abcde'"


async def test_who_waits_for_100_continue_gets_it() -> None:
    async with connected() as client:
        head = request_bytes("/", "POST", expect="100-continue", content_length="3")
        await client.send(head)
        interim = bytes(await client.stream.receive_some())
        assert interim.startswith(b"HTTP/1.1 100 ")
        assert (await client.ask(b"abc")).body == b"POST / {} b'abc'"


@pytest.mark.parametrize(
    ("data", "more"),
    [
        (b"GET / HTTP/1.0\r\nhost: x\r\n\r\n", b""),
        (request_bytes(connection="close"), request_bytes("/never")),
    ],
)
async def test_the_connection_ends_when_the_client_says_so(data: bytes, more: bytes) -> None:
    async with connected() as client:
        await client.send(data + more)
        assert (await client.answer()).status == 200
        assert await client.rest() == b""


async def test_a_304_has_no_body_and_no_length() -> None:
    async with connected(answering(Response(status=304))) as client:
        got = await client.ask(request_bytes())
        assert (got.status, got.body) == (304, b"")
        assert "content-length" not in got.headers
        assert (await client.ask(request_bytes())).status == 304


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 50, 400),  # TLS
        (b"hello there\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),  # no host
        (b"GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nhost: x\r\nbad header\r\n\r\n", 400),
        (b"GET //[ HTTP/1.1\r\nhost: x\r\n\r\n", 400),
        (b"GET http://[::1 HTTP/1.1\r\nhost: x\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", 400),
        (b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: gzip\r\n\r\n", 501),
        (b"GET / HTTP/1.1\r\nhost: x\r\nlong: " + b"x" * 40_000, 431),
        (b"GET /" + b"x" * 40_000, 431),
    ],
)
async def test_garbage_is_refused_and_the_connection_ends(
    autojump_clock: Clock, data: bytes, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    async with connected() as client:
        await client.send(data)
        got = await client.answer()
        assert got.status == status
        assert b'"error"' in got.body
        assert await client.rest() == b""
    assert caplog.records == [], "a client's nonsense is no fault of ours"


@pytest.mark.parametrize(
    "head",
    [
        request_bytes("/", "POST", content_length=str(2**21)),
        request_bytes("/", "POST", transfer_encoding="chunked"),
    ],
)
async def test_a_body_over_a_mebibyte_is_413(autojump_clock: Clock, head: bytes) -> None:
    async with connected() as client:
        await client.send(head)
        chunk = b"x" * 2**16
        framed = b"10000\r\n%b\r\n" % chunk if b"chunked" in head else chunk
        for _ in range(20):
            await client.send(framed)
        got = await client.answer()
        assert (got.status, b"longer than" in got.body) == (413, True)
        assert await client.rest() == b""


async def test_a_body_of_a_mebibyte_is_taken() -> None:
    async with connected(answering(Response())) as client:
        assert (await client.ask(request_bytes("/", "POST", b"x" * 2**20))).status == 200


@pytest.mark.parametrize("sent", [b"G", b"GET / HTTP/1.1\r\nhost: x\r\n"])
async def test_a_request_that_does_not_end_is_408(autojump_clock: Clock, sent: bytes) -> None:
    async with connected() as client:
        await client.send(sent)
        got = await client.answer()
        assert (got.status, got.body) == (
            408,
            b'{"error":"the request did not arrive within 20 s"}',
        )
        assert trio.current_time() == inbound.REQUEST
        assert await client.rest() == b""


async def test_one_byte_a_second_gets_no_longer_than_others(autojump_clock: Clock) -> None:
    async with connected() as client, trio.open_nursery() as nursery:

        async def dribble() -> None:
            for byte in request_bytes("/" + "x" * 500):
                await client.send(bytes([byte]))
                await trio.sleep(1)

        nursery.start_soon(dribble)
        assert (await client.answer()).status == 408
        assert trio.current_time() == inbound.REQUEST
        nursery.cancel_scope.cancel()


async def test_an_idle_connection_is_closed_without_a_word(autojump_clock: Clock) -> None:
    async with connected() as client:
        assert (await client.ask(request_bytes())).status == 200
        began = trio.current_time()
        assert await client.rest() == b""
        assert trio.current_time() - began == inbound.IDLE


@pytest.mark.parametrize(
    "sent", [b"", b"GET", b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nab"]
)
async def test_a_client_that_leaves_is_no_event(
    sent: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with connected() as client:
        await client.send(sent)
        await client.stream.aclose()
        await trio.testing.wait_all_tasks_blocked()
    assert caplog.records == []


async def test_a_handlers_refusal_is_an_answer_and_the_connection_goes_on() -> None:
    async def refuse(_request: Request) -> Answer:
        await trio.lowlevel.checkpoint()
        raise HttpError(418, "no coffee here")

    async with connected(refuse) as client:
        for _ in range(2):
            got = await client.ask(request_bytes())
            assert (got.status, got.body) == (418, b'{"error":"no coffee here"}')


async def test_a_handler_that_breaks_is_500_without_details(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def breaks(_request: Request) -> Answer:
        await trio.lowlevel.checkpoint()
        raise KeyError("secret")

    async with connected(breaks) as client:
        got = await client.ask(request_bytes("/x"))
        assert got.status == 500
        assert b"secret" not in got.body
        assert (await client.ask(request_bytes("/x"))).status == 500
    assert "a request broke: GET /x" in caplog.text


async def test_a_client_that_never_reads_its_answer_is_dropped(autojump_clock: Clock) -> None:
    async with connected(
        answering(Response(body=b"x" * 100)), trio.testing.lockstep_stream_pair
    ) as client:
        await client.send(request_bytes())
        await client.dropped.wait()
        assert trio.current_time() == sending.SEND


def ticks(count: int) -> Streaming:
    async def run(send: Send) -> None:
        for number in range(count):
            await send(b"tick %d\n" % number)
            await trio.sleep(1)

    return Streaming(run=run, content_type="text/event-stream")


async def test_a_stream_goes_on_until_it_ends(autojump_clock: Clock) -> None:
    async with connected(answering(ticks(3))) as client:
        for _ in range(2):
            got = await client.ask(request_bytes())
            assert got.body == b"tick 0\ntick 1\ntick 2\n"
            assert got.headers["content-type"] == "text/event-stream"
            assert got.headers["cache-control"] == "no-store"


async def test_a_client_that_leaves_ends_its_stream(
    autojump_clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    ended = trio.Event()

    async def run(_send: object) -> None:
        try:
            await trio.sleep_forever()
        finally:
            ended.set()

    async with connected(answering(Streaming(run=run, content_type="x/y"))) as client:
        await client.send(request_bytes())
        await trio.testing.wait_all_tasks_blocked()
        await client.stream.aclose()
        with trio.fail_after(sending.SEND * 0.75):
            await ended.wait()
    assert caplog.records == []


async def test_a_client_that_does_not_read_its_stream_is_dropped(autojump_clock: Clock) -> None:
    async with connected(answering(ticks(1000)), trio.testing.lockstep_stream_pair) as client:
        await client.send(request_bytes())
        await client.stream.receive_some()
        await client.dropped.wait()
        assert trio.current_time() == sending.SEND


@pytest.mark.parametrize("what", ["idle", "half a request", "not reading", "streaming"])
async def test_cancelling_is_never_held_up_by_a_client(autojump_clock: Clock, what: str) -> None:
    answer = ticks(1000) if what == "streaming" else Response(body=b"x" * 10)
    async with connected(answering(answer), trio.testing.lockstep_stream_pair) as client:
        if what != "idle":
            await client.send(request_bytes()[: 9 if "half" in what else None])
        await trio.testing.wait_all_tasks_blocked()
        began = trio.current_time()
    assert trio.current_time() == began


async def test_cancelling_while_a_refused_client_goes_on_sending(autojump_clock: Clock) -> None:
    async with connected() as client:
        await client.send(b"nonsense\r\n\r\n" + b"x" * 1000)
        assert (await client.answer()).status == 400
        await trio.testing.wait_all_tasks_blocked()
        began = trio.current_time()
    assert trio.current_time() == began


async def test_each_client_is_served_by_itself() -> None:
    async with connected() as stuck, connected() as other:
        await stuck.send(b"GET / HT")
        assert (await other.ask(request_bytes())).status == 200


async def refuse_everyone(_request: Request) -> Answer:
    await trio.lowlevel.checkpoint()
    raise HttpError(401, "who are you?")


@pytest.mark.parametrize(
    "head",
    [
        request_bytes("/", "POST", content_length=str(2**20)),
        request_bytes("/", "POST", transfer_encoding="chunked"),
        request_bytes("/", "POST", content_length="9", expect="100-continue"),
    ],
)
async def test_a_body_is_not_waited_for_before_the_handler_wants_it(
    autojump_clock: Clock, head: bytes
) -> None:
    async with connected(refuse_everyone) as client:
        got = await client.ask(head)
        assert (got.status, trio.current_time()) == (401, 0)
        assert got.headers["connection"] == "close"
        await client.send(b"x" * 1000)
        assert await client.rest() == b""


async def test_an_unread_body_ends_the_connection_after_a_good_answer_too(
    autojump_clock: Clock,
) -> None:
    async with connected(answering(Response(body=b"good"))) as client:
        got = await client.ask(request_bytes("/", "POST", b"body") + request_bytes("/never"))
        assert (got.status, got.body) == (200, b"good")
        assert got.headers["connection"] == "close"
        assert await client.rest() == b""


async def test_bodies_in_flight_share_a_budget() -> None:
    budget = Budget(1000)
    half = request_bytes("/", "POST", content_length="900") + b"x" * 800
    async with connected(budget=budget) as one:
        await one.send(half)
        await trio.testing.wait_all_tasks_blocked()
        async with connected(budget=budget) as two:
            got = await two.ask(half)
            assert (got.status, got.headers["connection"]) == (503, "close")
        async with connected(budget=budget) as small:
            assert (await small.ask(request_bytes("/", "POST", b"x" * 100))).status == 200
        assert (await one.ask(b"x" * 100)).status == 200
        for _ in range(3):
            assert (await one.ask(request_bytes("/", "POST", b"x" * 1000))).status == 200


@pytest.mark.parametrize("end", ["leaves", "cancelled"])
async def test_a_body_that_never_came_costs_the_budget_nothing(end: str) -> None:
    budget = Budget(1000)
    async with connected(budget=budget) as client:
        await client.send(request_bytes("/", "POST", content_length="900") + b"x" * 800)
        await trio.testing.wait_all_tasks_blocked()
        if end == "leaves":
            await client.stream.aclose()
            await client.dropped.wait()
    budget.take(1000)


async def test_a_body_announced_too_long_is_refused_before_it_comes(autojump_clock: Clock) -> None:
    async with connected() as client:
        got = await client.ask(request_bytes("/", "POST", content_length=str(2**20 + 1)))
        assert (got.status, trio.current_time()) == (413, 0)


async def test_tiny_chunks_leave_time_for_others() -> None:
    turns: list[int] = []

    async def count(stop: trio.Event) -> None:
        while not stop.is_set():
            turns.append(1)
            await trio.lowlevel.checkpoint()

    stop = trio.Event()
    async with connected() as client, trio.open_nursery() as nursery:
        nursery.start_soon(count, stop)
        head = request_bytes("/", "POST", transfer_encoding="chunked")
        await client.ask(head + b"1\r\nx\r\n" * 2000 + b"0\r\n\r\n")
        stop.set()
    assert len(turns) > 50


@pytest.mark.parametrize(
    "lines",
    [
        "host: x\r\nhost: x",
        "host: x\r\norigin: http://x\r\nOrigin: http://y",
        "host: x\r\nauthorization: Bearer a\r\nauthorization: Bearer b",
        "host: x\r\ncontent-length: 1\r\ncontent-length: 2",
        "host: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked",
        "host: x\r\ntransfer-encoding: chunked\r\ncontent-length: 5",
    ],
)
async def test_a_head_with_two_meanings_is_refused(autojump_clock: Clock, lines: str) -> None:
    async with connected() as client:
        got = await client.ask(f"POST / HTTP/1.1\r\n{lines}\r\n\r\n".encode() + b"0\r\n\r\n")
        assert (got.status, got.headers["connection"]) == (400, "close")
        assert await client.rest() == b""


@pytest.mark.parametrize("streamed", [False, True])
async def test_a_slow_reader_gets_everything(autojump_clock: Clock, *, streamed: bool) -> None:
    data = bytes(range(256)) * 4096

    async def run(send: Send) -> None:
        await send(data)

    answer = Streaming(run=run, content_type="x/y") if streamed else Response(body=data)
    got = b""
    async with connected(answering(answer), trio.testing.lockstep_stream_pair) as client:
        await client.send(request_bytes(connection="close"))
        while piece := await client.stream.receive_some(2**16):
            got += bytes(piece)
            assert len(got) > len(data) or not client.dropped.is_set(), "it was cut"
            await trio.sleep(sending.SEND - 1)
    assert trio.current_time() > sending.SEND * 5, "longer than one deadline"
    assert len(got) > len(data)
    assert got.endswith(data[-1000:]) or streamed
