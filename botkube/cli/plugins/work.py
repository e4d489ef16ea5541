"""Installs, updates and removes plugins in the cache of this machine."""

import time
from collections.abc import Sequence
from typing import Final

import trio

from botkube.app.orders.book import Action, Orders, Site
from botkube.app.orders.steps import Show, Step
from botkube.cli import exits
from botkube.cli.plugins.local import Local, Where, check_keys, open_local
from botkube.model.plugin import PluginKey
from botkube.packages.cache.lockfile import read_lock
from botkube.packages.cache.objects import collect
from botkube.packages.cache.shelf import Installed
from botkube.packages.cache.turn import idle
from botkube.packages.errors import PackageRefused
from botkube.packages.install import Installer, open_installer
from botkube.packages.progress import Tell

_LEAVES: Final = ("update", "remove")  # files that nothing uses


class Work:
    """What is to be done for which plugins; `run` does it, `done` tells how it ended."""

    def __init__(self, local: Local, action: Action, texts: Sequence[str], show: Show) -> None:
        self._local = local
        self._action: Action = action
        self._texts = texts
        self._show = show
        self._steps: dict[str, Step] = {}

    async def run(self) -> int:
        """Do it all, each by itself."""
        async with open_installer(self._local.settings) as installer:
            orders = Orders(_site(self._local, installer))
            await orders.carry_out(self._action, self._texts, self._tell)
        if self._action in _LEAVES:
            await trio.to_thread.run_sync(_tidy, self._local)
        return exits.OK

    def done(self) -> list[Step]:
        """How it ended for each plugin."""
        return [step for step in self._steps.values() if step.ends]

    def _tell(self, step: Step) -> None:
        self._steps[step.plugin] = step
        self._show(step)


def prepare(where: Where, action: Action, texts: Sequence[str], show: Show) -> Work:
    """Look what there is; the command ends if the configuration, the cache or a key cannot be used."""
    local = open_local(where, make=True)
    check_keys(texts)
    return Work(local, action, texts, show)


def _site(local: Local, installer: Installer) -> Site:
    async def opened() -> Installer:
        await trio.lowlevel.checkpoint()
        return installer

    async def install(key: PluginKey, tell: Tell, update: bool) -> Installed:
        return await installer.install(key, tell, update=update)

    async def settle(_: PluginKey) -> None:
        await trio.lowlevel.checkpoint()  # nothing runs here

    async def started(_: PluginKey) -> str:
        await trio.lowlevel.checkpoint()
        return ""

    return Site(
        config=local.config,
        enabled=local.enabled,
        shelf=lambda: local.shelf,
        opened=opened,
        install=install,
        settle=settle,
        started=started,
        runs=False,
    )


def _tidy(local: Local) -> None:
    """Remove what an update or a removal left unused, unless somebody installs."""
    shelf = local.shelf
    try:
        with idle(shelf.root) as free:
            if free:
                collect(shelf.root, read_lock(shelf.lock_file), time.time())  # noqa: TID251 - wall time of files
    except (OSError, PackageRefused):
        return  # the next one does it
