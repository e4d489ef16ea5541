"""What people order for plugins: install, update, remove, roll back, and how far each is. The same for a command that
works in the files of this machine and for the running program; the `Site` has what differs.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Final, Literal, TypeAlias

import msgspec
import trio
from msgspec.structs import replace

from botkube.app.orders.steps import Show, Step, broken_off, done, on_the_way
from botkube.app.plugins.packages import configured, enabled_at
from botkube.config import Config
from botkube.config.bindings import BUILTIN
from botkube.model.errors import BotkubeError
from botkube.model.plugin import PluginKey, parse_plugin_key
from botkube.packages.cache.lockfile import name_of
from botkube.packages.cache.shelf import Installed, Shelf
from botkube.packages.errors import PackageRefused
from botkube.packages.index.keys import meant, named, offered, only
from botkube.packages.install import Installer
from botkube.packages.inventory import Enabled, Row, inventory
from botkube.packages.progress import Progress, Tell
from botkube.runtime.noting import noting

Action: TypeAlias = Literal["install", "update", "remove", "rollback"]
LONG: Final = 5.0  # seconds, then it is said what is waited for
_MENDED: Final = "; its files were not as locked, and were mended"
_UNUSED: Final = "; no channel uses this key: enable it below {}s, and bind that group to a channel"
CHOOSING: Final = ("install", "update")  # of what a repository offers


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """Where orders are carried out: what is there, who installs, and what comes after each. `runs`: plugins that are
    enabled run there, so they are not removed. `started` waits for one to start, but not for ever, and says why it does
    not, "" if it does or is not to.
    """

    config: Config
    enabled: Enabled
    shelf: Callable[[], Shelf]  # blocking
    opened: Callable[[], Awaitable[Installer]]
    install: Callable[[PluginKey, Tell, bool], Awaitable[Installed]]
    settle: Callable[[PluginKey], Awaitable[None]]
    started: Callable[[PluginKey], Awaitable[str]]
    runs: bool


class Orders:
    """Carries out orders; any number at a time."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def carry_out(self, action: Action, texts: Sequence[str], show: Show) -> None:
        """Do something for the plugins that texts name, each by itself; none: for all that are enabled.

        Cancellation: installs that nobody else waits for are given up, cleanly.
        """
        try:
            rows = await trio.to_thread.run_sync(self._rows)
        except (BotkubeError, OSError) as error:
            for text in texts or map(name_of, self._site.enabled.keys):
                show(broken_off(text, error))
            return
        texts = texts or [name for name, row in rows.items() if _is_wanted(row)]
        order = _Order(self._site, action, rows, show)
        async with trio.open_nursery() as nursery:
            for text in dict.fromkeys(texts):
                nursery.start_soon(order.carry_out, text)

    def _rows(self) -> dict[str, Row]:
        rows = inventory(self._site.enabled, self._site.shelf(), {})
        return {f"{row.kind} {row.plugin}": row for row in rows}


class _Order:
    """One order for several plugins."""

    def __init__(self, site: Site, action: Action, rows: Mapping[str, Row], show: Show) -> None:
        self._site = site
        self._action: Action = action
        self._rows = rows
        self._show = show
        self._begun: set[PluginKey] = set()

    async def carry_out(self, text: str) -> None:
        """Do it for the plugins that a text names, each once."""
        try:
            keys = await self._keys(text)
        except (BotkubeError, OSError) as error:
            self._show(broken_off(text, error))
            return
        if not keys:
            unknown = "there is none of that name installed"
            self._show(Step(plugin=text, stage="refused", text=unknown, unknown=True))
        async with trio.open_nursery() as nursery:
            for key in set(keys) - self._begun:
                self._begun.add(key)
                nursery.start_soon(self._one, key)

    async def _keys(self, text: str) -> Iterable[PluginKey]:
        rows = (parse_plugin_key(row.kind, row.plugin) for row in self._rows.values())
        found = meant(text, [*rows, *configured(self._site.config)])
        if self._action not in CHOOSING:
            return only(text, found)
        if not found:
            found = await self._offered(text)
        return found

    async def _offered(self, text: str) -> tuple[PluginKey, ...]:
        told: list[Progress] = []

        def tell(progress: Progress) -> None:
            told.append(progress)
            self._show(on_the_way(text, progress))

        installer = await self._site.opened()
        offer = await installer.offer(named(text).repo, tell)
        found = offered(text, offer.index)
        if told and text not in map(name_of, found):  # what has begun has to end
            self._show(done(text, f"means {' and '.join(map(name_of, found))}"))
        return found

    async def _one(self, key: PluginKey) -> None:
        try:
            step = await self._done(key)
        except (BotkubeError, OSError) as error:
            step = broken_off(name_of(key), error)
        self._show(step)

    async def _done(self, key: PluginKey) -> Step:
        name, row = name_of(key), self._rows.get(name_of(key))
        old = row.installed if row and row.health != "by hand" else ""
        if key.repo == BUILTIN and self._action in CHOOSING:
            return done(name, "is built in")
        if key.repo == BUILTIN:
            raise PackageRefused("is built in: it comes and goes with the program itself")
        match self._action:
            case "remove":
                return done(name, await self._remove(key, old))
            case "rollback":
                new = (await (await self._site.opened()).roll_back(key)).version
                text = f"is at {new} again, after {old}"
            case _:
                new, mended = await self._install(key)
                text = self._installed(key, old, new, mended=mended)
        await self._site.settle(key)
        return await self._started(key, done(name, text, new), "" if new == old else old)

    async def _started(self, key: PluginKey, step: Step, old: str) -> Step:
        """What was done, failed if the plugin does not run with it; then with the command that helps.

        Asked even where nothing changed: who installs what is in a crash loop has to hear of it. `old` is what was
        replaced, "" if nothing was.
        """

        def note() -> None:
            self._show(on_the_way(step.plugin, Progress(stage="waiting", detail="it starts")))

        async with noting(LONG, note):
            why = await self._site.started(key)
        if not why:
            return step
        fix = f"`botkube plugins update --roll-back '{step.plugin}'` goes back to {old}"
        fix = fix if old else f"`botkube plugins logs '{step.plugin}'` has what it wrote"
        text = f"{step.text}, but it does not start: {why}; {fix}"
        return replace(step, stage="failed", text=text)

    async def _install(self, key: PluginKey) -> tuple[str, bool]:
        """The version that is there now, and whether its files are not those that were there."""
        changed = False

        def tell(progress: Progress) -> None:
            nonlocal changed
            changed = changed or progress.stage == "checking"
            self._show(on_the_way(name_of(key), progress))

        found = await self._site.install(key, tell, self._action == "update")
        return found.version, changed

    async def _remove(self, key: PluginKey, old: str) -> str:
        places = list(enabled_at(self._site.config, key))
        if places and self._site.runs:
            raise PackageRefused(f"is enabled: set {places[0]}.enabled to false first")
        if not await (await self._site.opened()).remove(key):
            row = self._rows.get(name_of(key))
            by_hand = row is not None and row.health == "by hand"
            text = "was put into the cache by hand: remove the file"
            raise PackageRefused(text if by_hand else "is not installed")
        await self._site.settle(key)
        text = f"{old} is removed".strip()
        return f"{text}; the configuration still enables it" if places else text

    def _installed(self, key: PluginKey, old: str, new: str, *, mended: bool) -> str:
        if not old:
            text = f"{new} is installed"
        elif old != new:
            text = f"{new} is installed in place of {old}"
        else:
            text = f"{new} is the newest already"
            if self._action == "install":
                text = f"{new} is there{_MENDED if mended else ''}"
        used = key in self._site.enabled.keys
        return text if used else text + _UNUSED.format(key.kind)


def _is_wanted(row: Row) -> bool:
    return row.enabled and row.health not in {"built in", "by hand"}
