"""The calling side: grpclib's Channel on Trio, to one address."""

import math
import socket
import struct
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import trio
from grpclib.client import Channel as GrpclibChannel
from grpclib.client import Handler, _ChannelState
from grpclib.const import Cardinality
from grpclib.events import _DispatchChannelEvents
from grpclib.metadata import Deadline, _MetadataLike
from multidict import MultiDict

from botkube.runtime.override import override
from botkube.wire.errors import CallError
from botkube.wire.transport.calls import Call
from botkube.wire.transport.codec import StrictCodec
from botkube.wire.transport.connection import Protocol, ReleaseStream
from botkube.wire.transport.headers import PeerDeadline
from botkube.wire.transport.sockets import SocketTransport

S = TypeVar("S")
R = TypeVar("R")

Owner = Callable[[int], bool]
_CREDENTIALS = struct.Struct("3i")  # struct ucred: pid, uid, gid


class Channel(GrpclibChannel):
    """Connections to one address: opened by the first call and again by the first call after a loss."""

    def __init__(
        self,
        network: str,
        address: str,
        nursery: trio.Nursery,
        *,
        max_message: int,
        owner: Owner | None = None,
    ) -> None:
        # grpclib's own wants an asyncio loop; this is what its methods and calls look at
        self._network = network
        self._address = address
        self._nursery = nursery
        self._max_message = max_message
        self._owner = owner
        self._scopes: set[trio.CancelScope] = set()
        self._over = False
        self._codec = StrictCodec()
        self._status_details_codec = None
        self._scheme = "http"
        self._authority = "localhost"  # some servers reject a socket path here
        self._connect_lock = trio.Lock()  # type: ignore[assignment] # only entered
        self._state = _ChannelState.IDLE
        self.__dispatch__ = _DispatchChannelEvents()

    @override
    def request(  # noqa: PLR0913 - grpclib's signature
        self,
        name: str,
        cardinality: Cardinality,
        request_type: type[S],
        reply_type: type[R],
        *,
        timeout: float | None = None,  # noqa: ASYNC109 - grpclib's signature
        deadline: Deadline | None = None,
        metadata: _MetadataLike | None = None,
    ) -> Call[S, R]:
        """A call to a method, to be entered.

        The peer is told of a deadline that is given and, unless the answer is a stream, of the surrounding one:
        a stream outlives the scope that it was opened in.
        """
        now = trio.current_time()
        given = min(
            math.inf if timeout is None else now + timeout,
            math.inf if deadline is None else now + deadline.time_remaining(),
        )
        told = (
            given if cardinality.server_streaming else min(given, trio.current_effective_deadline())
        )
        call = Call(
            self,
            name,
            MultiDict(metadata or ()),  # type: ignore[arg-type] # grpclib's type of its own
            cardinality,
            request_type,
            reply_type,
            codec=self._codec,
            status_details_codec=None,
            dispatch=self.__dispatch__,
            deadline=None if told == math.inf else PeerDeadline.from_timeout(max(told - now, 0)),
        )
        call.local_deadline = given
        return call

    @override
    async def _create_connection(self) -> Protocol:
        sock = await dial(self._network, self._address)
        if self._over:
            sock.close()
            raise CallError("UNAVAILABLE", "the channel is closed")
        if self._owner is not None and sock.family == socket.AF_UNIX:
            _check_owner(sock, self._owner)
        protocol = Protocol(_Client(), client_side=True, max_message=self._max_message)
        transport = SocketTransport(sock, protocol)
        # Shielded until `close`: who is being cancelled may still have a call to make, such as Shutdown.
        scope = trio.CancelScope(shield=True)
        self._scopes.add(scope)
        self._nursery.start_soon(self._carry, transport, scope, name=f"connection:{self._address}")
        return protocol

    async def _carry(self, transport: SocketTransport, scope: trio.CancelScope) -> None:
        with scope:
            await transport.run()
        self._scopes.discard(scope)

    @override
    def close(self) -> None:
        """Close every connection at once, and for good; what is still to be sent is lost."""
        super().close()
        self._over = True
        for scope in self._scopes:
            scope.cancel(reason="the channel is closed")


class _Client(Handler):
    """Takes no requests."""

    @override
    def accept(self, _stream: object, _headers: object, release_stream: ReleaseStream) -> None:
        release_stream()


async def dial(network: str, address: str) -> socket.socket:
    """A connected socket.

    Raises:
        CallError: nobody answers at the address.
    """
    try:
        return await _connect_tcp(address) if network == "tcp" else _connect_unix(address)
    except OSError as error:
        raise CallError("UNAVAILABLE", f"cannot connect: {error}") from error


def _check_owner(sock: socket.socket, owner: Owner) -> None:
    pid, _, _ = _CREDENTIALS.unpack(
        sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    )
    if not owner(pid):
        sock.close()
        raise CallError("UNAVAILABLE", f"its socket belongs to another process, {pid}")


@asynccontextmanager
async def open_channel(
    network: str, address: str, *, max_message: int, owner: Owner | None = None
) -> AsyncGenerator[Channel]:
    """A channel whose connections live in this block. The body's exceptions come out bare, not in a group.

    Cancellation: calls that the body makes, shielded, on its way out still have their connection.

    `owner` is asked whether the process that listens on a unix socket may do so.

    Raises:
        CallError: nobody answers at the address, or somebody who may not.
    """
    failure: Exception | None = None
    async with trio.open_nursery() as nursery:
        channel = Channel(network, address, nursery, max_message=max_message, owner=owner)
        try:
            await channel.__connect__()
            yield channel
        except Exception as error:
            failure = error
        finally:
            channel.close()
    if failure is not None:
        raise failure


async def _connect_tcp(address: str) -> socket.socket:
    host, _, port = address.rpartition(":")
    stream = await trio.open_tcp_stream(host.strip("[]"), int(port))
    sock = socket.socket(fileno=stream.socket.detach())
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def _connect_unix(path: str) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    try:
        sock.settimeout(0)
        sock.connect(path)  # at once on AF_UNIX; an error if the backlog is full
    except OSError:
        sock.close()
        raise
    return sock
