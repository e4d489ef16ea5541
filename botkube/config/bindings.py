"""What a channel's binding list amounts to: the plugin entries of its groups."""

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from botkube.config.schema.groups import PluginEntry
from botkube.config.schema.root import Config
from botkube.config.tree.write import to_yaml
from botkube.model.errors import ConfigError
from botkube.model.plugin import PluginKey, PluginKind, parse_plugin_key
from botkube.model.routes import Binding

BUILTIN: Final = "builtin"


def group_bindings(config: Config, kind: PluginKind, groups: Sequence[str]) -> tuple[Binding, ...]:
    """Return the plugin entries of these groups in binding order, disabled ones too; unknown groups have none."""
    return tuple(
        Binding(
            group=name,
            key=key,
            enabled=entry.enabled,
            config=entry_config(key, entry),
            rbac=entry.context.rbac,
        )
        for name in groups
        for key, entry in _entries(config, kind, name)
    )


def entry_config(key: PluginKey, entry: PluginEntry) -> bytes | None:
    """Return a plugin's own configuration as it goes over the wire, or None if it has none.

    It is YAML; built-in plugins get the part of YAML that is JSON, which they read without a YAML library.
    """
    if entry.config is None:
        return None
    return msgspec.json.encode(entry.config) if key.repo == BUILTIN else to_yaml(entry.config)


def _entries(
    config: Config, kind: PluginKind, name: str
) -> Iterator[tuple[PluginKey, PluginEntry]]:
    group = (config.sources if kind == "source" else config.executors).get(name)
    for text, entry in group.plugins.items() if group is not None else ():
        try:
            yield parse_plugin_key(kind, text), entry
        except ConfigError:
            continue  # the checks tolerate it on a disabled entry only
