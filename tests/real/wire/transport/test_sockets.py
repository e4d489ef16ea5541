"""A transport over a socket pair."""

import asyncio  # noqa: TID251 - the types that it implements
import socket

import pytest
import trio
import trio.testing

from botkube.runtime.override import override
from botkube.wire.transport.sockets import Fed, SocketTransport

pytestmark = pytest.mark.real


class Recorder(Fed):
    """A protocol that notes what it is told."""

    def __init__(self) -> None:
        self.received = b""
        self.notes: list[str] = []
        self.lost = trio.Event()

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, SocketTransport)
        transport.write(b"hello")

    @override
    def data_received(self, data: bytes) -> None:
        self.received += data

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self.lost.set()

    @override
    def pause_writing(self) -> None:
        self.notes.append("pause")

    @override
    def resume_writing(self) -> None:
        self.notes.append("resume")


def transport_pair() -> tuple[SocketTransport, Recorder, trio.SocketStream]:
    ours, theirs = socket.socketpair()
    recorder = Recorder()
    transport = SocketTransport(ours, recorder)
    return transport, recorder, trio.SocketStream(trio.socket.from_stdlib_socket(theirs))


async def test_bytes_go_both_ways_until_the_peer_closes() -> None:
    transport, recorder, peer = transport_pair()
    with trio.fail_after(60):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(transport.run)
            await peer.send_all(b"hi")
            assert await peer.receive_some() == b"hello"
            await peer.aclose()
    assert recorder.lost.is_set()
    assert recorder.received == b"hi"


async def test_what_the_peer_does_not_take_waits_and_is_flushed_by_close() -> None:
    transport, recorder, peer = transport_pair()
    data = bytes(range(256)) * 4096
    with trio.fail_after(60):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(transport.run)
            transport.write(data)
            assert recorder.notes == ["pause"]
            transport.close()
            transport.write(b"too late")
            got = b"".join([part async for part in peer])
            await peer.aclose()
    assert got == b"hello" + data
    assert recorder.notes == ["pause", "resume"]


async def test_a_peer_that_makes_us_write_and_reads_nothing_is_cut_off() -> None:
    transport, recorder, peer = transport_pair()
    with trio.fail_after(60):
        async with peer, trio.open_nursery() as nursery:
            nursery.start_soon(transport.run)
            for _ in range(6):
                transport.write(bytes(2**20))
            await recorder.lost.wait()


class Slow(Recorder):
    """Takes a byte a turn."""

    @override
    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self.notes.append("turn")

    @override
    def unread(self) -> bool:
        return self.notes.count("turn") < len(self.received)


async def test_a_protocol_has_turns_until_it_has_taken_everything() -> None:
    ours, theirs = socket.socketpair()
    recorder = Slow()
    transport = SocketTransport(ours, recorder)
    peer = trio.SocketStream(trio.socket.from_stdlib_socket(theirs))
    with trio.fail_after(60):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(transport.run)
            await peer.send_all(b"four")
            await peer.aclose()
    assert recorder.notes == ["turn"] * 4


async def test_cancelling_closes_the_socket() -> None:
    transport, recorder, peer = transport_pair()
    with trio.fail_after(60):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(transport.run)
            await trio.testing.wait_all_tasks_blocked()
            nursery.cancel_scope.cancel()
        assert recorder.lost.is_set()
        assert await peer.receive_some() == b"hello"
        assert await peer.receive_some() == b""
        await peer.aclose()
