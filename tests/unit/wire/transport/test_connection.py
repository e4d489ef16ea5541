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
from botkube.wire.transport.connection import Protocol
from botkube.wire.transport.streams import close_stream
from tests.fakes.wire.wired import HEADERS, Refusing, connected, open_stream


async def test_any_fault_while_reading_ends_the_connection_only() -> None:
    await trio.lowlevel.checkpoint()
    protocol, wire, peer = connected(client_side=False)
    peer.send_headers(1, HEADERS, end_stream=True)
    protocol.data_received(peer.data_to_send())
    assert wire.closed


async def test_a_peer_that_breaks_http2_is_told() -> None:
    await trio.lowlevel.checkpoint()
    protocol, wire, peer = connected()
    before = len(wire.written)
    protocol.data_received(b"\0\0\0\4\0\0\0\0\1")  # SETTINGS belong to no stream
    assert wire.closed
    assert wire.written[before + 3] == 7  # GOAWAY
    peer.receive_data(wire.written)


async def test_nothing_is_acknowledged_after_the_end() -> None:
    await trio.lowlevel.checkpoint()
    protocol, wire, peer = connected()
    peer.close_connection(ErrorCodes.ENHANCE_YOUR_CALM)
    protocol.data_received(peer.data_to_send())
    assert wire.closed
    protocol.connection.ack(1, 1000)


def lose(protocol: Protocol) -> None:
    protocol.connection_lost(None)


def go_away(protocol: Protocol) -> None:
    protocol.data_received(b"\0\0\x08\x07\0\0\0\0\0" + b"\0\0\0\1" + bytes(4))


def drain(protocol: Protocol) -> None:
    peer = H2Connection(H2Configuration(client_side=False))
    peer.initiate_connection()
    peer.data_to_send()
    peer.close_connection()
    protocol.data_received(peer.data_to_send())


@pytest.mark.usefixtures("autojump_clock")
@pytest.mark.parametrize("end", [lose, drain])
async def test_a_call_that_waits_to_be_sent_hears_of_the_end(
    end: Callable[[Protocol], None],
) -> None:
    protocol, _, _ = connected()
    protocol.pause_writing()
    await fails_to_open(protocol, end)


@pytest.mark.usefixtures("autojump_clock")
@pytest.mark.parametrize("end", [lose, drain, go_away])
async def test_a_call_that_waits_for_its_turn_hears_of_the_end(
    end: Callable[[Protocol], None],
) -> None:
    protocol, _, peer = connected()
    await open_stream(protocol)
    peer.update_settings({SettingCodes.MAX_CONCURRENT_STREAMS: 1})
    protocol.data_received(peer.data_to_send())
    await fails_to_open(protocol, end)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"\0\0\0\4\0\0\0\0\1", "it broke HTTP/2: "),
        (
            b"\0\0\x16\7\0\0\0\0\0" + bytes(7) + b"\x0btoo_many_pings"[:15],
            "it closed the connection: ENHANCE_YOUR_CALM too_many_ping",
        ),
    ],
)
@pytest.mark.usefixtures("autojump_clock")
async def test_whoever_waits_hears_why_the_connection_ended(data: bytes, why: str) -> None:
    protocol, _, _ = connected()
    protocol.pause_writing()
    await fails_to_open(protocol, lambda protocol: protocol.data_received(data), why)


async def test_a_flood_of_frames_that_carry_nothing_ends_the_connection() -> None:
    await trio.lowlevel.checkpoint()
    protocol, wire, _ = connected()
    for _ in range(300):
        protocol.data_received(b"\0\0\0\4\0\0\0\0\0" * 100)
        while protocol.unread():
            protocol.data_received(b"")
        if wire.closed:
            return
    pytest.fail("it took them all")


async def test_a_read_of_many_frames_takes_many_turns() -> None:
    await trio.lowlevel.checkpoint()
    protocol, _, _ = connected()
    protocol.data_received(b"\0\0\0\4\0\0\0\0\0" * 1000)
    turns = 1
    while protocol.unread():
        protocol.data_received(b"")
        turns += 1
    assert turns == 1000 // 64 + 1


async def fails_to_open(protocol: Protocol, end: Callable[[Protocol], None], why: str = "") -> None:
    """Open a stream while that blocks; expect the error once the connection ends."""

    async def fail() -> None:
        with pytest.raises(CallError, match=f"UNAVAILABLE: .*{why}"):
            await open_stream(protocol)

    with trio.fail_after(30):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(fail)
            await trio.testing.wait_all_tasks_blocked()
            end(protocol)


@pytest.mark.usefixtures("autojump_clock")
async def test_a_call_gets_the_turn_of_one_that_ended() -> None:
    protocol, _, peer = connected()
    peer.update_settings({SettingCodes.MAX_CONCURRENT_STREAMS: 1})
    protocol.data_received(peer.data_to_send())
    first, release = await open_stream(protocol)
    with trio.fail_after(30):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(open_stream, protocol)
            await trio.testing.wait_all_tasks_blocked()
            close_stream(first, release)


@pytest.mark.usefixtures("autojump_clock")
async def test_a_call_gets_its_turn_when_the_peer_allows_more() -> None:
    protocol, _, peer = connected()
    peer.update_settings({SettingCodes.MAX_CONCURRENT_STREAMS: 1})
    protocol.data_received(peer.data_to_send())
    await open_stream(protocol)
    with trio.fail_after(30):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(open_stream, protocol)
            await trio.testing.wait_all_tasks_blocked()
            peer.update_settings({SettingCodes.MAX_CONCURRENT_STREAMS: 2})
            protocol.data_received(peer.data_to_send())


async def test_a_peer_that_is_going_away_still_hears_what_was_begun() -> None:
    protocol, wire, _ = connected()
    stream, release = await open_stream(protocol)
    go_away(protocol)
    assert isinstance(protocol.handler, Refusing)
    assert protocol.handler.connection_lost  # the next call connects again
    await stream.send_data(b"data", end_stream=True)
    assert wire.written.endswith(b"data")
    assert not wire.closed
    close_stream(stream, release)
    assert wire.closed
