"""Configuration → what the program is made of: routes, plugins, sources. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import msgspec

from botkube.config import Config
from botkube.config.bindings import group_bindings
from botkube.config.check.availability import AVAILABLE
from botkube.config.use import connections
from botkube.model.command import Address
from botkube.model.errors import ConfigError
from botkube.model.plugin import PluginKey
from botkube.model.routes import Action, Alias, Binding, Channel, Routes

BOT = "@Botkube"


class SourceSpec(msgspec.Struct, frozen=True, kw_only=True):
    """One stream: a plugin of a source group."""

    name: str  # the group
    display_name: str
    binding: Binding


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The program as the configuration wants it."""

    config: Config
    routes: Routes
    channels: Mapping[str, Channel]  # of the playground, by name
    platforms: tuple[str, ...]
    unavailable: tuple[str, ...]  # enabled, but not part of this version
    plugins: tuple[PluginKey, ...]
    sources: tuple[SourceSpec, ...]

    @cached_property
    def bindings(self) -> tuple[Binding, ...]:
        """Every binding of every channel, each once."""
        every = (b for c in self.channels.values() for b in (*c.executors, *c.sources))
        return tuple(dict.fromkeys(every))

    @cached_property
    def plugin_names(self) -> Mapping[PluginKey, str]:
        """The name of each plugin in logs, metrics and `/readyz`: its key; the kind too where both exist."""
        texts = [str(key) for key in self.plugins]
        return {
            key: str(key) if texts.count(str(key)) == 1 else f"{key.kind}/{key}"
            for key in self.plugins
        }

    @cached_property
    def by_target(self) -> Mapping[str, Channel]:
        """The channels by their delivery targets."""
        return {channel.target: channel for channel in self.channels.values()}


def build(config: Config) -> Plan:
    """What to run for a checked configuration.

    Raises:
        ConfigError: two playgrounds use the same channel name.
    """
    channels = _playground_channels(config)
    sources = _sources(config, channels)
    executors = {b.key for c in channels.values() for b in c.executors if b.enabled}
    keys = sorted(executors | {spec.binding.key for spec in sources}, key=_order)
    return Plan(
        config=config,
        routes=_routes(config, channels),
        channels=channels,
        platforms=tuple(_playgrounds(config)),
        unavailable=_unavailable(config),
        plugins=tuple(keys),
        sources=sources,
    )


def _order(key: PluginKey) -> tuple[str, str]:
    return key.kind, str(key)


def _playgrounds(config: Config) -> list[str]:
    return [
        f"{group}-playground"
        for group, communications in config.communications.items()
        if communications.playground.enabled
    ]


def _unavailable(config: Config) -> tuple[str, ...]:
    return tuple(
        f"{place.group}-{place.platform}"
        for place in connections(config)
        if place.connection.enabled and place.platform not in AVAILABLE
    )


def _playground_channels(config: Config) -> dict[str, Channel]:
    found: dict[str, Channel] = {}
    for group, communications in config.communications.items():
        playground = communications.playground
        for alias, channel in playground.channels.items() if playground.enabled else ():
            if channel.name in found:
                raise ConfigError(
                    f"communications.{group}.playground.channels.{alias}.name: {channel.name!r} "
                    "is the name of another playground channel; all groups share one page, "
                    "give it another name"
                )
            platform = f"{group}-playground"
            found[channel.name] = Channel(
                address=Address(platform=platform, channel=channel.name),
                target=f"{platform}:{alias}",
                name=channel.name,
                bot=BOT,
                interactive=True,
                muted=channel.notification.disabled,
                executors=group_bindings(config, "executor", channel.bindings.executors),
                sources=group_bindings(config, "source", channel.bindings.sources),
            )
    return found


def _sources(config: Config, channels: Mapping[str, Channel]) -> tuple[SourceSpec, ...]:
    used = {(b.group, b.key): b for c in channels.values() for b in c.sources if b.enabled}
    return tuple(
        SourceSpec(name=group, display_name=config.sources[group].display_name, binding=binding)
        for (group, _), binding in sorted(used.items(), key=lambda item: item[0][0])
    )


def _routes(config: Config, channels: Mapping[str, Channel]) -> Routes:
    targets: dict[str, list[str]] = {}
    for channel in channels.values():
        for group in dict.fromkeys(binding.group for binding in channel.sources):
            targets.setdefault(group, []).append(channel.target)
    return Routes(
        cluster=config.settings.cluster_name or "not-configured",
        channels={(c.address.platform, c.address.channel): c for c in channels.values()},
        aliases={
            name: Alias(command=alias.command, display_name=alias.display_name)
            for name, alias in config.aliases.items()
        },
        actions={
            name: Action(enabled=action.enabled, display_name=action.display_name)
            for name, action in config.actions.items()
        },
        targets={source: tuple(names) for source, names in targets.items()},
    )
