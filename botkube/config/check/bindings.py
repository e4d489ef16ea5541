"""Rules on what channels, sinks and actions bind: it exists, and it fits together."""

from collections.abc import Iterator, Mapping, Sequence

from botkube.config.check.plugins import conflict, enabled_plugins, sections
from botkube.config.problem import Finding, Path, error
from botkube.config.schema.groups import PluginGroup
from botkube.config.schema.root import Config
from botkube.config.suggest import advice
from botkube.config.use import BoundPlace, bound_places
from botkube.model.plugin import PluginKey, PluginKind
from botkube.model.rbac import Rbac


def check_bindings(config: Config) -> Iterator[Finding]:
    """Check every binding list, also those of disabled platforms and actions."""
    for place in bound_places(config):
        for section, kind, groups in sections(config):
            names = _names(place, kind)
            path = (*place.path, "bindings", section)
            yield from _missing(names, groups, path)
            yield from _conflicts(names, groups, kind, path)
            yield from _identities(names, groups, kind, path)


def _names(place: BoundPlace, kind: PluginKind) -> Sequence[str]:
    return place.sources if kind == "source" else place.executors


def _missing(
    names: Sequence[str], groups: Mapping[str, PluginGroup], path: Path
) -> Iterator[Finding]:
    section = path[-1]
    for i, name in enumerate(names):
        if name not in groups:
            otherwise = f"define it under {section}, or remove it here"
            fix = advice(name, groups, otherwise)
            yield error((*path, f"[{i}]"), f"binding not defined in {section}", fix, name)


def _bound(
    names: Sequence[str], groups: Mapping[str, PluginGroup], kind: PluginKind
) -> Iterator[tuple[int, str, PluginKey, Rbac | None]]:
    for i, name in enumerate(names):
        if name in groups:
            for _, key, entry in enabled_plugins(groups[name], kind):
                yield i, name, key, entry.context.rbac


def _conflicts(
    names: Sequence[str], groups: Mapping[str, PluginGroup], kind: PluginKind, path: Path
) -> Iterator[Finding]:
    seen: dict[str, tuple[PluginKey, str]] = {}
    for i, group, key, _ in _bound(names, groups, kind):
        first, first_group = seen.setdefault(key.name, (key, group))
        why = conflict(first, key, "bound")
        if why is not None and first_group != group:  # within one group it is reported there
            fix = f"bind it to a different channel, or use {first} in both groups"
            yield error((*path, f"[{i}]"), why, fix, group)


def _identities(
    names: Sequence[str], groups: Mapping[str, PluginGroup], kind: PluginKind, path: Path
) -> Iterator[Finding]:
    seen: dict[PluginKey, tuple[str, Rbac | None]] = {}
    for i, group, key, rbac in _bound(names, groups, kind):
        first, first_rbac = seen.setdefault(key, (group, rbac))
        if rbac != first_rbac:
            text = f'uses the plugin {key} with different RBAC than "{first}"'
            fix = "make context.rbac identical in both groups, or bind them to different channels"
            yield error((*path, f"[{i}]"), text, fix, group)
