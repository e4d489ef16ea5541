"""How long an order waits for its plugin to start, and what it hears of it."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
import trio
from msgspec.structs import replace as changed
from trio.testing import MockClock

from botkube.app.build import build
from botkube.app.orders.site import STARTING, running_site
from botkube.app.plugins.installing import Installs
from botkube.app.plugins.stock import Stock
from botkube.model.plugin import PluginKey
from botkube.packages.cache.shelf import Installed
from botkube.packages.errors import PackageFailed
from botkube.packages.install import Installer
from botkube.packages.progress import Tell
from botkube.packages.sharing import Shared
from botkube.runtime.childspec import ChildSpec
from botkube.runtime.supervisor import Supervisor
from tests.fakes.ordering import FREE, USED, configuration
from tests.fakes.shelved import Shelved
from tests.fakes.supervision import QUICK, supervision


async def never() -> Installer:
    await trio.lowlevel.checkpoint()
    raise PackageFailed("nothing is installed here")


async def install(_key: PluginKey, _tell: Tell, _update: bool) -> Installed:  # noqa: FBT001 - passed by position
    await trio.lowlevel.checkpoint()
    raise PackageFailed("nothing is installed here")


def started(
    folder: Path, nursery: trio.Nursery, plugins: Supervisor
) -> Callable[[PluginKey], Awaitable[str]]:
    shelved = Shelved(folder)
    config = configuration(shelved, "u")
    plan = replace(build(config), config=config, plugins=(USED,))
    stock = Stock(changed(shelved.places, config=config), plan.plugins, lambda: 1e9)
    installs = Installs(shared=Shared(nursery, install), opened=never)
    return running_site(plan, installs, stock, plugins).started


@pytest.mark.parametrize(
    ("delay", "fails", "said", "after"),
    [
        (3.0, False, "", 3.0),
        (2.0, True, "it broke", 2.0),
        (100.0, False, "it was not ready within 30 s", STARTING),
    ],
)
async def test_it_waits_for_the_first_outcome_and_not_for_ever(
    tmp_path: Path,
    autojump_clock: MockClock,
    delay: float,
    fails: bool,  # noqa: FBT001 - a table
    said: str,
    after: float,
) -> None:
    async def body(*, task_status: trio.TaskStatus[None]) -> None:
        await trio.sleep(delay)
        if fails:
            raise PackageFailed("it broke")
        task_status.started()
        await trio.sleep_forever()

    policy = changed(QUICK, start_timeout=1000.0)
    async with supervision() as plugins, trio.open_nursery() as nursery:
        ask = started(tmp_path, nursery, plugins)
        await plugins.reconcile([ChildSpec("plugin:r/used", body, policy=policy)])
        began = trio.current_time()
        assert await ask(USED) == said
        assert trio.current_time() - began == pytest.approx(after)
        assert await ask(FREE) == ""  # nobody runs it
