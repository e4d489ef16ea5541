"""Serves calls to itself once: what is forked from this process later has its caches filled and shares them."""

import socket
from functools import partial

import trio

from botkube.wire.answers import common_methods
from botkube.wire.client import open_client
from botkube.wire.handshake import Handshake
from botkube.wire.limits import MAX_RESPONSE
from botkube.wire.messages import ExecuteRequest, StreamRequest
from botkube.wire.methods import HEALTH_SERVICE
from botkube.wire.server import methods_of
from botkube.wire.services import ExecutorService, SourceService
from botkube.wire.transport.listener import Listener


async def rehearse(executor: ExecutorService, source: SourceService) -> None:
    """Do what a host does with an executor and a source; the source must emit an event.

    Raises: OSError if there are no sockets here; CallError, in a group.
    """
    stopped = trio.Event()
    mapping = {**methods_of(executor, None), **methods_of(None, source)}
    offered = frozenset({HEALTH_SERVICE})
    mapping |= common_methods(stop=stopped.set, arm_exit=lambda: None, stdio=None, offered=offered)
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind("")  # to a name of the kernel's choice, which is no file
        listener = Listener(sock, mapping, max_message=MAX_RESPONSE)
        handshake = Handshake(network="unix", address=sock.getsockname().decode())
        async with trio.open_nursery() as nursery:
            nursery.start_soon(partial(listener.run, until=stopped))
            await _call_all(handshake)


async def _call_all(handshake: Handshake) -> None:
    async with open_client(handshake) as client:
        await client.check_health()
        await client.discover()
        async with client.stdio():
            await client.execute(ExecuteRequest(command="", configs=(b"{}",)))
            async with client.stream(StreamRequest(configs=(b"{}",))) as events:
                await anext(events)
        await client.shutdown()
