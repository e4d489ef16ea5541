"""Which addresses are listened on, and what is served on each."""

import errno
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Final

import trio

from botkube.app.foundation import WEBHOOKS, Listening, WebhookPlace
from botkube.config import Config
from botkube.config.units import is_loopback, parse_address
from botkube.model.errors import BotkubeError
from botkube.web.server import bind

_FIX: Final = "stop what uses it, or name another (port 0 takes any that is free)"
_FIXES: Final = {
    errno.EADDRNOTAVAIL: "name an address of this machine, such as 127.0.0.1, or 0.0.0.0 for all of them",
    errno.EACCES: "name a port above 1023, or give the program CAP_NET_BIND_SERVICE",
}


class ListenError(BotkubeError):
    """An address cannot be listened on; the text says which setting names it."""


async def bind_all(config: Config, listen: str) -> Sequence[Listening]:
    """Bind the one listener that serves everything, and the ports that the configuration names.

    Raises:
        ListenError: an address is taken or not ours.
        ValueError: `listen` is not HOST:PORT.
    """
    settings = config.settings
    key = "--listen" if listen else "settings.http.listen"
    address = parse_address(listen or settings.http.listen)
    webhook = config.plugins.incoming_webhook
    wanted = [
        (key, address.host, address.port, ()),
        (
            "settings.healthPort",
            settings.http.host,
            settings.health_port,
            ("/healthz", "/livez", "/readyz"),
        ),
        ("settings.metricsPort", settings.http.host, settings.metrics_port, ("/metrics",)),
        (
            "plugins.incomingWebhook.port",
            settings.http.host,
            webhook.port if webhook.enabled is not False else None,
            (WEBHOOKS,),
        ),
    ]
    ports: list[Listening] = []
    async with AsyncExitStack() as opened:
        for key, host, number, names in wanted:
            if number is not None:
                listeners = await _bind(key, host, number)
                for listener in listeners:
                    opened.push_async_callback(listener.aclose)
                ports.append(Listening(listeners=listeners, names=names))
        opened.pop_all()  # all are bound: now they belong to the listening level
    return ports


async def _bind(key: str, host: str, port: int) -> Sequence[trio.SocketListener]:
    try:
        return await bind(host, port)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ListenError(
            f"{key}: cannot listen on {host}:{port}: {reason}; {_FIXES.get(error.errno or 0, _FIX)}"
        ) from error


def address_of(port: Listening) -> tuple[str, int]:
    """The host and port of a bound listener."""
    name = port.listeners[0].socket.getsockname()
    return str(name[0]), int(name[1])


def webhook_place(config: Config, ports: Sequence[Listening]) -> WebhookPlace:
    """Whether sources take requests, and where: as the configuration says, else at a listener of ours."""
    settings = config.plugins.incoming_webhook
    on = settings.is_on(exposed=not is_loopback(address_of(ports[0])[0]))
    url = settings.in_cluster_base_url.rstrip("/")
    if on and not url:
        port = next((port for port in ports if port.names == (WEBHOOKS,)), ports[0])
        url = local_url(port)
    return WebhookPlace(on=on, url=url)


def local_url(port: Listening) -> str:
    """The URL of a listener for this machine."""
    host, number = address_of(port)
    return f"http://{_reachable(host)}:{number}"


def is_wildcard(host: str) -> bool:
    """Whether it stands for every address."""
    return host in ("0.0.0.0", "::")  # noqa: S104 - compared, not bound


def _reachable(host: str) -> str:
    if is_wildcard(host):
        return "[::1]" if ":" in host else "127.0.0.1"
    return f"[{host}]" if ":" in host else host
