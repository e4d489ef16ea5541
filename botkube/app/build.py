"""Configuration → what the program is made of: routes, plugins, sources. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import msgspec

from botkube.app.chats import BOT, SlackPlatform, playground_channels, slack_platforms
from botkube.config import Config
from botkube.config.bindings import group_bindings
from botkube.config.check.availability import AVAILABLE
from botkube.config.schema.sinks import Elasticsearch, Webhook
from botkube.config.use import connections
from botkube.model.plugin import PluginKey
from botkube.model.rbac import Rbac
from botkube.model.routes import Action, Alias, Binding, Channel, Routes

__all__ = ["BOT", "Plan", "Sink", "SinkTarget", "SourceSpec", "build"]


class SourceSpec(msgspec.Struct, frozen=True, kw_only=True):
    """One stream: a plugin of a source group."""

    name: str  # the group
    display_name: str
    binding: Binding
    interactive: bool = True  # whether any of its targets is a chat


class SinkTarget(msgspec.Struct, frozen=True, kw_only=True):
    """One delivery target of a sink. `alias` names the index ("": the sink has one target only)."""

    name: str
    alias: str
    sources: tuple[Binding, ...]


class Sink(msgspec.Struct, frozen=True, kw_only=True):
    """A one-way target of events."""

    name: str  # `<group>-<sink>`
    config: Webhook | Elasticsearch
    targets: tuple[SinkTarget, ...]


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
    sinks: tuple[Sink, ...] = ()
    slacks: tuple[SlackPlatform, ...] = ()

    @cached_property
    def chats(self) -> tuple[Channel, ...]:
        """Every channel of every chat platform."""
        return (*self.channels.values(), *(c for slack in self.slacks for c in slack.channels))

    @cached_property
    def answering(self) -> tuple[Channel, ...]:
        """Every place where commands run: the channels, and what triggers have for themselves."""
        return (*self.channels.values(), *(c for slack in self.slacks for c in slack.answering))

    @cached_property
    def bindings(self) -> tuple[Binding, ...]:
        """Every binding of every channel and sink, each once."""
        chats = (b for c in self.answering for b in (*c.executors, *c.sources))
        sinks = (b for sink in self.sinks for target in sink.targets for b in target.sources)
        return tuple(dict.fromkeys((*chats, *sinks)))

    @cached_property
    def identities(self) -> Mapping[PluginKey, tuple[Rbac, ...]]:
        """Whom each plugin is to be towards the cluster, in all of its bindings."""
        found: dict[PluginKey, list[Rbac]] = {}
        for binding in self.bindings:
            if binding.enabled and binding.rbac is not None:
                found.setdefault(binding.key, []).append(binding.rbac)
        return {key: tuple(dict.fromkeys(rbacs)) for key, rbacs in found.items()}

    @cached_property
    def plugin_names(self) -> Mapping[PluginKey, str]:
        """The name of each plugin in logs, metrics and `/readyz`: its key; the kind too where both exist."""
        texts = [str(key) for key in self.plugins]
        return {
            key: str(key) if texts.count(str(key)) == 1 else f"{key.kind}/{key}"
            for key in self.plugins
        }

    @cached_property
    def stream_names(self) -> Mapping[tuple[str, PluginKey], str]:
        """The name of each stream, by group and plugin: the group; the plugin too where it has several."""
        groups = [spec.name for spec in self.sources]
        return {
            (spec.name, spec.binding.key): spec.name
            if groups.count(spec.name) == 1
            else f"{spec.name}/{spec.binding.key}"
            for spec in self.sources
        }

    @cached_property
    def plugin_parts(self) -> Mapping[str, PluginKey]:
        """The processes and streams of the plugins by the names of their supervised parts."""
        processes = {f"plugin:{name}": key for key, name in self.plugin_names.items()}
        return processes | {f"source:{name}": key for (_, key), name in self.stream_names.items()}

    def channels_using(self, key: PluginKey) -> tuple[Channel, ...]:
        """The channels that run commands in a plugin or hear its events."""
        return tuple(
            channel
            for channel in self.chats
            if any(b.key == key and b.enabled for b in (*channel.executors, *channel.sources))
        )

    @cached_property
    def by_target(self) -> Mapping[str, Channel]:
        """The channels by their delivery targets."""
        return {channel.target: channel for channel in self.chats}

    @cached_property
    def targets(self) -> tuple[str, ...]:
        """Every delivery target."""
        return (*self.by_target, *(target.name for sink in self.sinks for target in sink.targets))


def build(config: Config) -> Plan:
    """What to run for a checked configuration.

    Raises:
        ConfigError: two playgrounds use the same channel name.
    """
    channels = playground_channels(config)
    slacks = tuple(slack_platforms(config))
    sinks = tuple(_sinks(config))
    chats = (*channels.values(), *(c for slack in slacks for c in slack.channels))
    answering = (*channels.values(), *(c for slack in slacks for c in slack.answering))
    sources = _sources(config, chats, sinks)
    executors = {b.key for c in answering for b in c.executors if b.enabled}
    keys = sorted(executors | {spec.binding.key for spec in sources}, key=_order)
    return Plan(
        config=config,
        routes=_routes(config, chats, answering, sinks),
        channels=channels,
        platforms=tuple(_playgrounds(config)),
        unavailable=_unavailable(config),
        plugins=tuple(keys),
        sources=sources,
        sinks=sinks,
        slacks=slacks,
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


def _sinks(config: Config) -> Iterator[Sink]:
    """The enabled sinks; an index is a target of its own, so that it waits for no other."""
    for group, communications in config.communications.items():
        webhook, elasticsearch = communications.webhook, communications.elasticsearch
        if webhook.enabled:
            name = f"{group}-webhook"
            sources = group_bindings(config, "source", webhook.bindings.sources)
            target = SinkTarget(name=name, alias="", sources=sources)
            yield Sink(name=name, config=webhook, targets=(target,))
        if elasticsearch.enabled:
            name = f"{group}-elasticsearch"
            targets = tuple(
                SinkTarget(
                    name=f"{name}:{alias}",
                    alias=alias,
                    sources=group_bindings(config, "source", index.bindings.sources),
                )
                for alias, index in elasticsearch.indices.items()
            )
            yield Sink(name=name, config=elasticsearch, targets=targets)


def _sources(
    config: Config, channels: Sequence[Channel], sinks: Sequence[Sink]
) -> tuple[SourceSpec, ...]:
    chats = {(b.group, b.key): b for c in channels for b in c.sources if b.enabled}
    every = (b for sink in sinks for target in sink.targets for b in target.sources)
    used = {(b.group, b.key): b for b in every if b.enabled} | chats
    return tuple(
        SourceSpec(
            name=group,
            display_name=config.sources[group].display_name,
            binding=binding,
            interactive=(group, key) in chats,
        )
        for (group, key), binding in sorted(used.items(), key=lambda item: item[0][0])
    )


def _routes(
    config: Config, chats: Sequence[Channel], answering: Sequence[Channel], sinks: Sequence[Sink]
) -> Routes:
    targets: dict[str, list[str]] = {}
    bound = [(channel.target, channel.sources) for channel in chats]
    bound += [(target.name, target.sources) for sink in sinks for target in sink.targets]
    for name, sources in bound:
        for group in dict.fromkeys(binding.group for binding in sources):
            targets.setdefault(group, []).append(name)
    return Routes(
        cluster=config.settings.cluster_name or "not-configured",
        channels={(c.address.platform, c.address.channel): c for c in answering},
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
