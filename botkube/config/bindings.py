"""What of a configuration is in use: the plugins to run, and what a channel's binding list amounts to."""

from collections.abc import Iterator, Sequence

from botkube.config.schema.groups import PluginEntry
from botkube.config.schema.root import Config
from botkube.config.tree.write import to_yaml
from botkube.config.use import bound_places
from botkube.model.errors import ConfigError
from botkube.model.plugin import PluginKey, PluginKind, parse_plugin_key
from botkube.model.routes import Binding


def used_plugins(config: Config) -> tuple[PluginKey, ...]:
    """Return every enabled plugin of the groups that enabled platforms, sinks and actions bind, each once."""
    used = (*_used(config, "executor"), *_used(config, "source"))
    return tuple(dict.fromkeys(binding.key for binding in used))


def used_sources(config: Config) -> tuple[Binding, ...]:
    """Return the source plugins in use, one per group and plugin: each is one stream."""
    return tuple(_used(config, "source"))


def group_bindings(config: Config, kind: PluginKind, groups: Sequence[str]) -> tuple[Binding, ...]:
    """Return the plugin entries of these groups in binding order, disabled ones too; unknown groups have none."""
    return tuple(
        Binding(group=name, key=key, enabled=entry.enabled, config=entry_config(entry))
        for name in groups
        for key, entry in _entries(config, kind, name)
    )


def plugin_configs(config: Config, key: PluginKey, groups: Sequence[str]) -> tuple[bytes, ...]:
    """Return one YAML document for each enabled entry of a plugin in these groups, in binding order."""
    return tuple(
        binding.config or b"null\n"
        for binding in group_bindings(config, key.kind, groups)
        if binding.enabled and binding.key == key
    )


def entry_config(entry: PluginEntry) -> bytes | None:
    """Return a plugin's own configuration as it goes over the wire, or None if it has none."""
    return None if entry.config is None else to_yaml(entry.config)


def _used(config: Config, kind: PluginKind) -> Iterator[Binding]:
    groups: dict[str, None] = {}
    for place in bound_places(config):
        if place.enabled:
            groups.update(dict.fromkeys(place.sources if kind == "source" else place.executors))
    return (binding for binding in group_bindings(config, kind, tuple(groups)) if binding.enabled)


def _entries(
    config: Config, kind: PluginKind, name: str
) -> Iterator[tuple[PluginKey, PluginEntry]]:
    group = (config.sources if kind == "source" else config.executors).get(name)
    for text, entry in group.plugins.items() if group is not None else ():
        try:
            yield parse_plugin_key(kind, text), entry
        except ConfigError:
            continue  # the checks tolerate it on a disabled entry only
