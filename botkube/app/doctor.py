"""`botkube doctor`: configuration → what is looked at on each platform, and what was found there."""

import ssl
from collections.abc import Awaitable, Callable, Mapping
from typing import Final
from urllib.parse import urlsplit, urlunsplit

import trio
from msgspec.structs import replace

from botkube.app.slack.opening import socket_door, web_settings
from botkube.bots.slack.setup.findings import findings
from botkube.bots.slack.setup.probe import probe
from botkube.bots.slack.setup.seen import Seen, Token, Wanted
from botkube.config import Config, Secret
from botkube.config.problem import join
from botkube.config.schema.platforms import SocketSlack
from botkube.config.use import ConnectionPlace, connections
from botkube.model.diagnosis import Diagnosis
from botkube.runtime.clock import wall
from botkube.runtime.http import trusted_authorities

PATIENCE: Final = 15.0  # seconds for one call: a person waits
_KINDS: Final = frozenset({"xoxb", "xapp", "xoxp", "xoxe", "xoxa", "xoxs", "xoxc", "xoxd"})

Examine = Callable[[ConnectionPlace, Mapping[str, str]], Awaitable[Diagnosis]]


def known() -> tuple[str, ...]:
    """Return the platforms that can be looked at."""
    return tuple(_PLATFORMS)


def key_of(platform: str) -> str:
    """Return the key of a known platform in a communication group."""
    return _PLATFORMS[platform][0]


def places(config: Config, platform: str = "") -> list[ConnectionPlace]:
    """Return what is configured of a platform, or of all that can be looked at, in the order of the file."""
    keys = {key for name, (key, _) in _PLATFORMS.items() if platform in {"", name}}
    return [
        place
        for place in connections(config)
        if place.platform in keys and place.connection != type(place.connection)()
    ]


async def diagnose(
    found: list[ConnectionPlace], environ: Mapping[str, str]
) -> tuple[Diagnosis, ...]:
    """Look at these places, all at once.

    Cancellation: connections are closed; nothing was changed.
    """
    made: dict[int, Diagnosis] = {}

    async def one(number: int, place: ConnectionPlace) -> None:
        examine = next(look for key, look in _PLATFORMS.values() if key == place.platform)
        made[number] = await examine(place, environ)

    async with trio.open_nursery() as nursery:
        for number, place in enumerate(found):
            nursery.start_soon(one, number, place)
    return tuple(made[number] for number in sorted(made))


async def _slack(place: ConnectionPlace, environ: Mapping[str, str]) -> Diagnosis:
    config = place.connection
    if not isinstance(config, SocketSlack):
        raise TypeError(place.platform)
    settings = web_settings(config, environ)
    settings = replace(settings, timeout=min(settings.timeout, PATIENCE))
    seen = _known(join(place.path), config, settings.proxy)
    context = await _authorities(config.ca_file)
    if isinstance(context, str):
        return Diagnosis(key=seen.key, findings=findings(replace(seen, problem=context)))
    seen = await probe(seen, settings, socket_door(config, context, environ), wall)
    return Diagnosis(key=seen.key, findings=findings(seen))


def _known(key: str, config: SocketSlack, proxy: str) -> Seen:
    return Seen(
        key=key,
        enabled=config.enabled,
        address=_shown(config.api_url),
        proxy=_shown(proxy),
        ca_file=config.ca_file,
        bot=Token(kind=_kind(config.bot_token)),
        app=Token(kind=_kind(config.app_token)),
        wanted=tuple(
            Wanted(alias=alias, name=channel.name, triggers=bool(channel.message_triggers))
            for alias, channel in config.channels.items()
        ),
    )


def _kind(token: Secret) -> str:
    """The part of a token that is the same for everybody; nothing of one that is not Slack's."""
    if not token:
        return ""
    kind = token.reveal().strip().partition("-")[0]
    return kind if kind in _KINDS else "?"


def _shown(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


async def _authorities(ca_file: str) -> ssl.SSLContext | str:
    try:
        return await trio.to_thread.run_sync(trusted_authorities, ca_file)
    except OSError as error:
        return f"caFile {ca_file} cannot be used: {error.strerror or error}"


_PLATFORMS: Final[Mapping[str, tuple[str, Examine]]] = {"slack": ("socketSlack", _slack)}
