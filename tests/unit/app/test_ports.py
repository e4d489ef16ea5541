"""What is listened on, and the sentence when that cannot be."""

import msgspec
import pytest
import trio

from botkube.app.ports import ListenError, address_of, bind_all, webhook_place
from botkube.config import Config, embedded_default
from botkube.config.schema.plugins import IncomingWebhook, PluginSettings

pytestmark = pytest.mark.real


def config(*, webhook: IncomingWebhook | None = None, **ports: int) -> Config:
    loaded = embedded_default().config
    assert loaded is not None
    settings = msgspec.structs.replace(loaded.settings, **ports)
    plugins = PluginSettings(incoming_webhook=webhook or IncomingWebhook())
    return msgspec.structs.replace(loaded, settings=settings, plugins=plugins)


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


BASE = "http://botkube.ns.svc:2115"


@pytest.mark.parametrize(
    ("settings", "listen", "on", "url"),
    [
        (IncomingWebhook(), "127.0.0.1:0", True, "http://127.0.0.1:{0}"),
        (IncomingWebhook(), "[::1]:0", True, "http://[::1]:{0}"),
        (IncomingWebhook(), "0.0.0.0:0", False, ""),
        (IncomingWebhook(enabled=True), "0.0.0.0:0", True, "http://127.0.0.1:{0}"),
        (IncomingWebhook(port=0), "0.0.0.0:0", True, "http://127.0.0.1:{1}"),
        (IncomingWebhook(enabled=False, port=0), "127.0.0.1:0", False, ""),
        (IncomingWebhook(in_cluster_base_url=f"{BASE}/"), "127.0.0.1:0", True, BASE),
        # The original tells it to plugins whether it listens or not.
        (IncomingWebhook(enabled=False, in_cluster_base_url=BASE), "127.0.0.1:0", False, BASE),
    ],
)
async def test_where_sources_take_requests(
    settings: IncomingWebhook, listen: str, *, on: bool, url: str
) -> None:
    given = config(webhook=settings)
    ports = await bind_all(given, listen)
    place = webhook_place(given, ports)
    numbers = [address_of(port)[1] for port in ports]
    assert (place.on, place.url) == (on, url.format(*numbers))
    assert [port.names for port in ports[1:]] == [("/sources/v1/",)] * (len(ports) - 1)
    await close(ports)


async def test_an_address_of_another_machine_is_said() -> None:
    with pytest.raises(ListenError, match=r"192\.0\.2\.1:0: .*; name an address of this machine"):
        await bind_all(config(), "192.0.2.1:0")
