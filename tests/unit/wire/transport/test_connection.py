"""A connection without a socket."""

from collections.abc import Callable

import pytest
import trio
import trio.testing
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.settings import SettingCodes

from botkube.wire.errors import CallError
from botkube.wire.transport.connection import Accept, Connection
from botkube.wire.transport.headers import request_headers

HEADERS = request_headers("/a/B", float("inf"))


class Wire:
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        self.written = b""
        self.closed = False

    def write(self, data: bytes) -> None:
        self.written += data

    def close(self) -> None:
        self.closed = True


def connected(accept: Accept | None = None) -> tuple[Connection, Wire, H2Connection]:
    """A connection, what it writes, and a peer that has said hello."""
    connection, wire = Connection(max_message=100, accept=accept), Wire()
    connection.connection_made(wire)
    peer = H2Connection(H2Configuration(client_side=accept is not None))
    peer.initiate_connection()
    connection.data_received(peer.data_to_send())
    return connection, wire, peer


def test_any_fault_while_reading_ends_the_connection_only() -> None:
    def accept(_: object, __: object) -> None:
        raise RuntimeError("a fault of ours")

    connection, wire, peer = connected(accept)
    peer.send_headers(1, HEADERS, end_stream=True)
    connection.data_received(peer.data_to_send())
    assert connection.closed
    assert wire.closed


def test_a_peer_that_breaks_http2_is_told() -> None:
    connection, wire, peer = connected()
    before = len(wire.written)
    connection.data_received(b"\0\0\0\4\0\0\0\0\1")  # SETTINGS belong to no stream
    assert connection.closed
    assert wire.written[before + 3] == 7  # GOAWAY
    peer.receive_data(wire.written)


def test_nothing_is_acknowledged_after_the_end() -> None:
    connection, _, peer = connected()
    peer.close_connection(ErrorCodes.ENHANCE_YOUR_CALM)
    connection.data_received(peer.data_to_send())
    assert connection.closed
    connection.ack(1, 1000)


def lose(connection: Connection) -> None:
    connection.connection_lost()


def go_away(connection: Connection) -> None:
    connection.data_received(b"\0\0\x08\x07\0\0\0\0\0" + b"\0\0\0\1" + bytes(4))


def drain(connection: Connection) -> None:
    peer = H2Connection(H2Configuration(client_side=False))
    peer.initiate_connection()
    peer.data_to_send()
    peer.close_connection()
    connection.data_received(peer.data_to_send())


@pytest.mark.usefixtures("autojump_clock")
@pytest.mark.parametrize("end", [lose, drain])
async def test_a_call_that_waits_to_be_sent_hears_of_the_end(
    end: Callable[[Connection], None],
) -> None:
    connection, _, _ = connected()
    connection.pause_writing()
    await fails_to_open(connection, end)


@pytest.mark.usefixtures("autojump_clock")
@pytest.mark.parametrize("end", [lose, drain, go_away])
async def test_a_call_that_waits_for_its_turn_hears_of_the_end(
    end: Callable[[Connection], None],
) -> None:
    connection, _, peer = connected()
    await connection.open_stream(HEADERS)
    peer.update_settings({SettingCodes.MAX_CONCURRENT_STREAMS: 1})
    connection.data_received(peer.data_to_send())
    await fails_to_open(connection, end)


async def fails_to_open(connection: Connection, end: Callable[[Connection], None]) -> None:
    """Open a stream while that blocks; expect the error once the connection ends."""

    async def open_stream() -> None:
        with pytest.raises(CallError, match="UNAVAILABLE"):
            await connection.open_stream(HEADERS)

    with trio.fail_after(5):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(open_stream)
            await trio.testing.wait_all_tasks_blocked()
            end(connection)


@pytest.mark.usefixtures("autojump_clock")
async def test_a_call_gets_the_turn_of_one_that_ended() -> None:
    connection, _, peer = connected()
    peer.update_settings({SettingCodes.MAX_CONCURRENT_STREAMS: 1})
    connection.data_received(peer.data_to_send())
    first = await connection.open_stream(HEADERS)
    with trio.fail_after(5):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(connection.open_stream, HEADERS)
            await trio.testing.wait_all_tasks_blocked()
            first.close()
