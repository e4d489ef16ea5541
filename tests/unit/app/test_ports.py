"""What is listened on, and the sentence when that cannot be."""

import msgspec
import pytest
import trio

from botkube.app.ports import ListenError, address_of, bind_all
from botkube.config import Config, embedded_default

pytestmark = pytest.mark.real


def config(**ports: int) -> Config:
    loaded = embedded_default().config
    assert loaded is not None
    settings = msgspec.structs.replace(loaded.settings, **ports)
    return msgspec.structs.replace(loaded, settings=settings)


async def close(ports: object) -> None:
    assert isinstance(ports, list)
    for port in ports:
        for listener in port.listeners:
            await listener.aclose()


async def test_one_listener_serves_everything() -> None:
    ports = await bind_all(config(), "127.0.0.1:0")
    assert [port.names for port in ports] == [()]
    assert address_of(ports[0])[0] == "127.0.0.1"
    await close(ports)


async def test_named_ports_serve_their_own_paths_only() -> None:
    ports = await bind_all(config(health_port=0, metrics_port=0), "127.0.0.1:0")
    assert [port.names for port in ports[1:]] == [("/healthz", "/livez", "/readyz"), ("/metrics",)]
    await close(ports)


async def test_a_taken_port_is_one_sentence_and_leaves_nothing_open() -> None:
    [taken] = await trio.open_tcp_listeners(0, host="127.0.0.1")
    port = taken.socket.getsockname()[1]
    with pytest.raises(
        ListenError, match=rf"--listen: cannot listen on 127\.0\.0\.1:{port}: .*port 0"
    ):
        await bind_all(config(), f"127.0.0.1:{port}")
    with pytest.raises(ListenError, match=r"settings\.metricsPort"):
        await bind_all(config(metrics_port=port), "127.0.0.1:0")
    await taken.aclose()
