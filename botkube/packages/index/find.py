"""Searches indexes for plugins by name and description. Pure."""

from collections.abc import Mapping

import msgspec

from botkube.model.plugin import PluginKind
from botkube.model.versions import version_order
from botkube.packages.index.entries import Entry, Index


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """A plugin that a repository offers, as its newest version describes it; `installed` is the version that is."""

    plugin: str
    kind: PluginKind
    version: str
    description: str = ""
    recommended: bool = False
    here: bool = True  # for this platform
    installed: str = ""


def find(
    indexes: Mapping[str, Index],
    text: str,
    platform: str,
    installed: Mapping[str, str] = {},
) -> list[Hit]:
    """Return the plugins whose key or description has all the words of a text; `installed` by kind and key
    (`executor repo/name`)."""
    words = text.lower().split()
    return [
        _hit(f"{repo}/{entry.name}", entry, platform, installed)
        for repo, index in sorted(indexes.items())
        for entry in newest(index)
        if all(word in f"{repo}/{entry.name} {entry.description}".lower() for word in words)
    ]


def newest(index: Index) -> list[Entry]:
    """Return the newest version of each plugin, a release before a pre-release, by name."""
    best: dict[tuple[str, str], Entry] = {}
    for entry in index.entries:
        place = (entry.name, entry.kind)
        if place not in best or _rank(entry) > _rank(best[place]):
            best[place] = entry
    return [best[place] for place in sorted(best)]


def versions(index: Index, kind: PluginKind, name: str) -> list[Entry]:
    """Return the entries of one plugin, the newest first."""
    entries = [entry for entry in index.entries if (entry.kind, entry.name) == (kind, name)]
    return sorted(entries, key=lambda entry: version_order(entry.version), reverse=True)


def _rank(entry: Entry) -> tuple[object, ...]:
    order = version_order(entry.version)
    return (order[2], order)


def _hit(plugin: str, entry: Entry, platform: str, installed: Mapping[str, str]) -> Hit:
    return Hit(
        plugin=plugin,
        kind=entry.kind,
        version=entry.version,
        description=" ".join(entry.description.split()),
        recommended=entry.recommended,
        here=platform in entry.packages,
        installed=installed.get(f"{entry.kind} {plugin}", ""),
    )
