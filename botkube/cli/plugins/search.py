"""`botkube plugins search`: asks the repositories what they offer."""

import sys
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
import trio
from msgspec.structs import replace

from botkube.cli import exits
from botkube.cli.interrupt import run_until_signalled
from botkube.cli.plugins.local import Local, Where, at_instance, ending, open_local
from botkube.cli.tables import print_table
from botkube.packages.download.web import Patience
from botkube.packages.errors import PackageFailed, PackageRefused
from botkube.packages.fetcher import Bounds
from botkube.packages.index.entries import Index
from botkube.packages.index.find import Hit, find
from botkube.packages.install import Installer, open_installer

_HEADER: Final = ("PLUGIN", "KIND", "VERSION", "INSTALLED", "DESCRIPTION")
_HASTY: Final = Bounds(patience=Patience(answer=10.0, silence=10.0, attempts=1))
_NOBODY: Final = (
    "no repository is configured: set plugins.repositories.NAME.url to an index, "
    "and name the configuration with --config"
)


def search(where: Where, text: str) -> int:
    """Print the plugins that match; returns the exit code."""

    def body() -> int:
        local = open_local(at_instance(where), make=True)
        if not local.settings.repositories:
            exits.fail(exits.UNREACHABLE, _NOBODY)
        return run_until_signalled(lambda: _search(where, local, text))

    return ending(body)


async def _search(where: Where, local: Local, text: str) -> int:
    indexes = await read_indexes(local, local.settings.repositories)
    rows = await trio.to_thread.run_sync(local.rows)
    installed = {f"{row.kind} {row.plugin.partition('@')[0]}": row.installed for row in rows}
    hits = find(indexes, text, local.shelf.platform, installed)
    _print(where, hits)
    if not indexes:
        return exits.UNREACHABLE
    if not hits and not where.as_json:
        print(f"botkube: nothing matches {text!r}", file=sys.stderr)
    return exits.OK if hits else exits.UNREACHABLE


async def read_indexes(local: Local, names: Iterable[str]) -> dict[str, Index]:
    """Return the indexes of repositories, all asked at once; kept ones where no server answers.

    One that is not to be had is told on stderr and left out.
    """
    found: dict[str, Index] = {}
    settings = replace(local.settings, bounds=_HASTY)
    async with open_installer(settings) as installer, trio.open_nursery() as nursery:
        for name in names:
            nursery.start_soon(_read, installer, name, found)
    return found


async def _read(installer: Installer, name: str, found: dict[str, Index]) -> None:
    try:
        found[name] = (await installer.offer(name)).index
    except (PackageFailed, PackageRefused) as error:
        print(f"botkube: {error}", file=sys.stderr)


def _print(where: Where, hits: Sequence[Hit]) -> None:
    if where.as_json:
        print(msgspec.json.encode(hits).decode())
    elif hits:
        print_table(_HEADER, [_cells(hit) for hit in hits])


def _cells(hit: Hit) -> tuple[str, ...]:
    where = "" if hit.here else "(not for this platform) "
    return hit.plugin, hit.kind, hit.version, hit.installed or "-", where + hit.description
