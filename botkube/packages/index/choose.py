"""Which entry of an index a plugin key means, on this platform. Pure.

An exact version means exactly that one. A range, and no version at all, mean the highest that there is for the
platform; a pre-release only where no release will do.
"""

import platform
import sys
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from botkube.model.plugin import PluginKey
from botkube.model.ranges import BadRange, is_range, read_range
from botkube.model.versions import same_version, version_order
from botkube.packages.errors import PackageRefused
from botkube.packages.index.entries import Entry, Index, Package
from botkube.packages.index.locator import public_url

LATEST: Final = "latest"
_SHOWN: Final = 10
_MACHINES: Final = {
    "x86_64": "amd64",
    "aarch64": "arm64",
    "armv6l": "arm",
    "armv7l": "arm",
    "i386": "386",
    "i686": "386",
    "loongarch64": "loong64",
}


class NotOffered(PackageRefused):
    """The repository has nothing that fits the key."""


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a plugin for one platform."""

    entry: Entry
    platform: str
    package: Package


def this_platform() -> str:
    """Return the platform of this machine as an index names it, such as linux/amd64."""
    machine = platform.machine().lower()
    return f"{sys.platform}/{_MACHINES.get(machine, machine)}"


def choose(index: Index, key: PluginKey, wanted: str) -> Release:
    """Return what to install for a key on the platform `wanted`.

    Raises: NotOffered if there is nothing; the text says what there is.
    """
    named = [e for e in index.entries if (e.kind, e.name) == (key.kind, key.name)]
    if not named:
        raise NotOffered(f"{_place(index)} has no {key.kind} {key.name}{_similar(index, key)}")
    fits = accepts(key)
    fitting = [e for e in named if fits(e.version)]
    if not fitting:
        raise NotOffered(
            f"{_place(index)} has no {key.kind} {key.name} of version {key.version}; "
            f"there is {_list([e.version for e in _newest_first(named)])}{_hint(key, named)}"
            f"{_problems(index, key)}"
        )
    here = [e for e in fitting if wanted in e.packages]
    if not here:
        platforms = sorted({p for entry in fitting for p in entry.packages})
        raise NotOffered(
            f"{_place(index)} has {key.kind} {key.name} {_newest_first(fitting)[0].version} not for "
            f"{wanted}; it has {_list(platforms) or 'no usable URL'}{_problems(index, key)}"
        )
    entry = _best(here)
    return Release(entry=entry, platform=wanted, package=entry.packages[wanted])


def accepts(key: PluginKey) -> Callable[[str], bool]:
    """Return what tells whether a version is one that the key means.

    Raises: NotOffered if its range cannot be read.
    """
    if key.version in {"", LATEST}:
        return lambda _: True
    if not is_range(key.version):
        return lambda version: same_version(version, key.version)
    try:
        return read_range(key.version)
    except BadRange as error:
        raise NotOffered(f"{key.version!r} in the plugin key {str(key)!r} {error}") from error


def _best(entries: Sequence[Entry]) -> Entry:
    # version_order's first and third say whether it is a version, and whether it is a release.
    return max(
        entries,
        key=lambda e: (
            version_order(e.version)[0],
            version_order(e.version)[2],
            version_order(e.version),
        ),
    )


def _newest_first(entries: Sequence[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda entry: version_order(entry.version), reverse=True)


def _place(index: Index) -> str:
    return f"the index {public_url(index.url)}"


def _list(texts: Sequence[str]) -> str:
    shown = ", ".join(texts[:_SHOWN])
    return f"{shown}, …" if len(texts) > _SHOWN else shown


def _hint(key: PluginKey, named: Sequence[Entry]) -> str:
    newest = _newest_first(named)[0].version
    return (
        f"; write {key.repo}/{key.name}@{newest}, or a range such as @^{newest.removeprefix('v')}"
    )


def _similar(index: Index, key: PluginKey) -> str:
    other = [e for e in index.entries if e.name == key.name]
    if other:
        return f"; it has that name as {other[0].kind}{_problems(index, key)}"
    names = sorted({e.name for e in index.entries if e.kind == key.kind})
    there = f"; its {key.kind}s are {_list(names)}" if names else ""
    return f"{there}{_problems(index, key)}"


def _problems(index: Index, key: PluginKey) -> str:
    """What is wrong with entries of that name: mostly the reason why there is none."""
    about = [
        str(p)
        for p in index.problems
        if key.name in p.entry.replace("(", " ").replace(")", " ").split()
    ]
    return f"; not usable: {'; '.join(about[:3])}" if about else ""
