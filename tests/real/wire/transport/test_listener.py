"""A listening socket."""

import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio

from botkube.wire.answers import common_methods
from botkube.wire.client import PluginClient, open_client
from botkube.wire.handshake import Handshake
from botkube.wire.transport.listener import Listener

pytestmark = pytest.mark.real


@asynccontextmanager
async def listening(folder: Path, until: trio.Event) -> AsyncGenerator[Handshake]:
    """Serve what every plugin does, until the event."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(f"{folder}/socket")
        methods = common_methods(stop=until.set, arm_exit=lambda: None, stdio=None)
        async with trio.open_nursery() as nursery:
            listener = Listener(sock, methods, max_message=1000)
            nursery.start_soon(lambda: listener.run(until=until))
            yield Handshake(network="unix", address=f"{folder}/socket")
            nursery.cancel_scope.cancel()


async def test_several_hosts_are_served_side_by_side(tmp_path: Path) -> None:
    with trio.fail_after(60):
        async with (
            listening(tmp_path, trio.Event()) as handshake,
            open_client(handshake) as one,
            open_client(handshake) as other,
            one.stdio(),
        ):
            await other.check_health()


async def test_the_end_closes_all_connections_and_answers_what_asked_for_it(tmp_path: Path) -> None:
    until = trio.Event()
    with trio.fail_after(60):
        async with listening(tmp_path, until) as handshake, open_client(handshake) as client:
            async with await trio.open_unix_socket(handshake.address) as idle:
                await shut_down(client)
                while await idle.receive_some():
                    pass
            assert until.is_set()


async def shut_down(client: PluginClient) -> None:
    async with client.stdio():
        await client.shutdown()
