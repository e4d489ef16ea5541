"""What plugins there are, as the configuration, the lock file, the cache and the kept indexes say; for people.

Whether files are there is told by name and size: reading them is `verify`'s. Blocking, for a thread.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Literal

import msgspec
from msgspec.structs import replace

from botkube import __version__
from botkube.config.bindings import BUILTIN
from botkube.model.errors import ConfigError
from botkube.model.plugin import PluginKey, PluginKind, parse_plugin_key
from botkube.model.versions import pick_version, same_version, version_order
from botkube.packages.cache.lockfile import Lock, Locked, LockedFile, read_lock
from botkube.packages.cache.objects import by_hand, object_path
from botkube.packages.cache.shelf import Shelf
from botkube.packages.index.cache import load_index
from botkube.packages.index.choose import NotOffered, choose
from botkube.packages.index.entries import Index, IndexUnreadable, parse_index
from botkube.packages.index.signature import Policy

Health = Literal["ok", "missing", "damaged", "by hand", "built in"]


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One plugin. `plugin` is its key as the configuration or the lock file has it, `latest` what `update` would get; `update` advises
    it: it is newer, and not what was rolled back from.

    `signature_policy` is that of its repository, "" if that is not configured.
    `running` (a version), `state`, `since` (RFC 3339) and `restarts` are a running instance's; `reason` says what is wrong.
    """

    plugin: str
    kind: PluginKind
    enabled: bool = False
    installed: str = ""  # version
    latest: str = ""
    update: bool = False
    previous: str = ""  # where a roll-back leads
    health: Health = "missing"
    signed: bool = False
    signature_policy: Policy | Literal[""] = ""
    running: str = ""
    state: str = ""
    reason: str = ""
    since: str = ""
    restarts: int = 0


class Enabled(msgspec.Struct, frozen=True, kw_only=True):
    """What the program brings with it and what it is to run."""

    keys: tuple[PluginKey, ...] = ()
    built_in: Mapping[str, PluginKind] = {}


def inventory(
    enabled: Enabled,
    shelf: Shelf,
    indexes: Mapping[str, Index],
    policies: Mapping[str, Policy] = {},
) -> list[Row]:
    """Return every plugin that is to run, is locked, lies in the cache or is built in; by kind and key.

    `indexes` are those of the repositories by name, as `kept_indexes` gives them, `policies` those for signatures.

    Raises: PackageRefused if the lock file cannot be read.
    """
    looking = _Look(enabled, shelf, indexes)
    keys = sorted(looking.keys(), key=lambda k: (k.kind, str(k)))
    return [replace(looking.row(key), signature_policy=policies.get(key.repo, "")) for key in keys]


def kept_indexes(root: Path, repositories: Iterable[str]) -> dict[str, Index]:
    """Return the indexes as they were last fetched; one that is not there or cannot be read is left out."""
    found: dict[str, Index] = {}
    for name in repositories:
        kept = load_index(root, name)
        if kept is not None:
            try:
                found[name] = parse_index(kept.content, kept.note.url)
            except IndexUnreadable:
                continue
    return found


class _Look:
    """One look at everything."""

    def __init__(self, enabled: Enabled, shelf: Shelf, indexes: Mapping[str, Index]) -> None:
        self._enabled = enabled
        self._shelf = shelf
        self._indexes = indexes
        self._lock: Lock = read_lock(shelf.lock_file)
        self._by_hand: dict[tuple[str, str, str], list[str]] = {}
        for key in by_hand(shelf.root):
            self._by_hand.setdefault(_place(key), []).append(key.version)

    def keys(self) -> set[PluginKey]:
        locked = set(filter(None, map(_key_of, self._lock.plugins)))
        built_in = {
            PluginKey(kind=kind, repo=BUILTIN, name=name)
            for name, kind in self._enabled.built_in.items()
        }
        named = locked | built_in | set(self._enabled.keys)
        places = set(map(_place, named))
        return named | set(self._strangers(places))

    def row(self, key: PluginKey) -> Row:
        found = self._built_in(key) if key.repo == BUILTIN else self._installed(key)
        return replace(found, enabled=key in self._enabled.keys)

    def _installed(self, key: PluginKey) -> Row:
        locked = self._lock.get(key)
        versions = [v for v in self._by_hand.get(_place(key), ()) if _fits(key, v)]
        if locked is not None:
            return self._locked(key, locked)
        return self._placed(key, versions) if versions else self._absent(key)

    def _built_in(self, key: PluginKey) -> Row:
        if self._enabled.built_in.get(key.name) == key.kind:
            return Row(plugin=str(key), kind=key.kind, installed=__version__, health="built in")
        return Row(plugin=str(key), kind=key.kind, reason="no such plugin is built in")

    def _strangers(self, named: set[tuple[str, str, str]]) -> Iterator[PluginKey]:
        for kind, repo, name in self._by_hand:
            if (kind, repo, name) not in named:
                yield parse_plugin_key(
                    "source" if kind == "source" else "executor", f"{repo}/{name}"
                )

    def _locked(self, key: PluginKey, locked: Locked) -> Row:
        latest = self._latest(key)
        health, reason = self._health(key, locked)
        before = locked.previous.version if locked.previous else ""
        newer = bool(latest) and version_order(latest) > version_order(locked.version)
        left = newer and latest == before  # a roll-back led away from it: it is no advice
        return Row(
            plugin=str(key),
            kind=key.kind,
            installed=locked.version,
            latest=latest,
            update=newer and not left,
            previous=before,
            health=health,
            signed=bool(locked.signed_by),
            reason=reason or (f"{latest} was rolled back" if left else ""),
        )

    def _health(self, key: PluginKey, locked: Locked) -> tuple[Health, str]:
        files = locked.platforms.get(self._shelf.platform)
        if files is None:
            return "missing", f"it is locked for {', '.join(locked.platforms)} only"
        if not self._shelf.may_be_used(key, locked):
            return "damaged", "it did not come from an index signed by signature.publicKey"
        sizes = {name: self._size(file) for name, file in files.all.items()}
        absent = [name for name, size in sizes.items() if size is None]
        if absent:
            return "missing", f"{_file(absent[0])} is not in the cache"
        wrong = [name for name, file in files.all.items() if sizes[name] != file.size]
        return ("damaged", f"{_file(wrong[0])} has another size") if wrong else ("ok", "")

    def _size(self, file: LockedFile) -> int | None:
        try:
            return object_path(self._shelf.root, file.sha256).stat().st_size
        except OSError:
            return None

    def _placed(self, key: PluginKey, versions: list[str]) -> Row:
        refused = not self._shelf.may_be_unlocked(key)
        return Row(
            plugin=str(key),
            kind=key.kind,
            installed=pick_version(versions) or "",
            latest=self._latest(key),
            health="by hand",
            reason="its repository has to be signed, so it is not started" if refused else "",
        )

    def _absent(self, key: PluginKey) -> Row:
        latest = self._latest(key)
        return Row(
            plugin=str(key), kind=key.kind, latest=latest, health="missing", reason="not installed"
        )

    def _latest(self, key: PluginKey) -> str:
        index = self._indexes.get(key.repo)
        try:
            return choose(index, key, self._shelf.platform).entry.version if index else ""
        except NotOffered:
            return ""


def _key_of(name: str) -> PluginKey | None:
    """The key that the lock file means; None for what no version ever wrote."""
    kind, _, text = name.partition(" ")
    try:
        return parse_plugin_key("source" if kind == "source" else "executor", text)
    except ConfigError:
        return None


def _place(key: PluginKey) -> tuple[str, str, str]:
    return key.kind, key.repo, key.name


def _fits(key: PluginKey, version: str) -> bool:
    return not key.version or same_version(version, key.version)


def _file(name: str) -> str:
    return f"its dependency {name}" if name else "its file"
