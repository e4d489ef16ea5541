"""What is shown of a plugin while it is installed, and what whoever wants it is told."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio
import trio.testing

from botkube.app.plugins.installing import POLICY, Installs, Packages, heard
from botkube.app.plugins.stock import Stock
from botkube.model.plugin import PluginKey, parse_plugin_key
from botkube.packages.cache.shelf import Installed
from botkube.packages.errors import PackageFailed, PackageRefused
from botkube.packages.install import Installer
from botkube.packages.progress import Progress, Tell
from botkube.packages.sharing import Shared
from botkube.plugins.errors import PluginDown
from botkube.plugins.slot import PluginSlot
from botkube.runtime.childspec import ChildParked, ChildState, SupervisorEvent
from tests.fakes.program import until
from tests.fakes.shelved import Shelved
from tests.fakes.supervision import supervision

KEY = parse_plugin_key("executor", "r/p")
NAMES = {KEY: "r/p"}


class Rig:
    """One plugin that is installed when the test says so, or fails with what the test sends."""

    def __init__(self, folder: Path) -> None:
        self.shelved = Shelved(folder)
        self.slots = {KEY: PluginSlot(KEY)}
        self.stock = Stock(self.shelved.places, [KEY], lambda: 1e9)
        self.heard: list[SupervisorEvent] = []
        self.observer = heard(NAMES, self.slots, self.heard.append)
        self.end, self._ends = trio.open_memory_channel[Exception | None](0)
        self.packages: Packages

    async def install(self, key: PluginKey, tell: Tell, update: bool) -> Installed:  # noqa: FBT001 - as it is called
        tell(Progress(stage="downloading", done=43, total=100))
        if error := await self._ends.receive():
            raise error
        return Installed(key=key, version="v1", path=Path(), dependencies=Path(), sha256="")

    async def refusal(self) -> str:
        with pytest.raises(PluginDown) as caught:
            await self.slots[KEY].lease()
        return str(caught.value)

    def state(self) -> ChildState:
        [(name, state)] = self.packages.states().items()
        assert name == "plugin:r/p"
        return state

    async def shows(self, state: str, reason: str) -> None:
        with trio.fail_after(30):
            await until(lambda: (self.state().state, self.state().reason) == (state, reason))


async def never() -> Installer:
    await trio.lowlevel.checkpoint()
    raise AssertionError


@asynccontextmanager
async def installing(folder: Path) -> AsyncGenerator[Rig]:
    rig = Rig(folder)
    with trio.fail_after(100):
        async with trio.open_nursery() as nursery, supervision(rig.observer) as supervisor:
            installs = Installs(shared=Shared(nursery, rig.install), opened=never)
            rig.packages = Packages(supervisor, NAMES, rig.slots, rig.stock, installs)
            await supervisor.reconcile([rig.packages.child(KEY)])
            yield rig


async def test_how_far_it_is_is_shown_and_told(tmp_path: Path) -> None:
    async with installing(tmp_path) as rig:
        await rig.shows("starting", "downloading 43 %")
        told = "plugin r/p is not running: it is being installed (downloading 43 %)"
        assert await rig.refusal() == told
        assert not rig.heard
        await rig.end.send(None)
        await trio.testing.wait_all_tasks_blocked()
        assert rig.state().state == "starting"  # until its process is added


async def test_what_fails_is_tried_again_and_heard_as_its_plugin(tmp_path: Path) -> None:
    async with installing(tmp_path) as rig:
        await rig.end.send(PackageFailed("no server answers"))
        await rig.shows("retrying", "no server answers")
        assert rig.state().restarts == 0  # none of plugins.restartPolicy
        assert "it is not installed: no server answers" in await rig.refusal()
        [event] = rig.heard
        assert event.name == "plugin:r/p"
        assert rig.packages.restart(KEY) == "retrying"
        await rig.shows("starting", "downloading 43 %")


async def test_what_is_refused_is_parked_with_all_that_is_to_be_known(tmp_path: Path) -> None:
    async with installing(tmp_path) as rig:
        await rig.shows("starting", "downloading 43 %")
        damaged = rig.shelved.install(KEY)
        damaged.chmod(0o777)
        with pytest.raises(PackageRefused):
            await trio.to_thread.run_sync(rig.stock.locate, KEY)
        await rig.end.send(PackageRefused("its digest changed"))
        reason = f"its digest changed; {rig.stock.why(KEY)}"
        assert "no file that only we can write" in reason
        await rig.shows("parked", reason)
        [event] = rig.heard
        assert isinstance(event, ChildParked)
        assert event.wait == 300


async def test_what_is_there_by_any_hand_is_not_installed(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.shelved.put_by_hand(KEY)
    async with trio.open_nursery() as nursery, supervision(rig.observer) as supervisor:
        installs = Installs(shared=Shared(nursery, rig.install), opened=never)
        packages = Packages(supervisor, NAMES, rig.slots, rig.stock, installs)
        await supervisor.reconcile([packages.child(KEY)])
        await trio.testing.wait_all_tasks_blocked(0.2)
        assert packages.states()["plugin:r/p"].state == "starting"
        with pytest.raises(trio.WouldBlock):
            rig.end.send_nowait(None)  # nobody installs
        await supervisor.reconcile([])
        assert packages.restart(KEY) is None


def test_it_is_tried_for_ever_and_at_least_every_five_minutes() -> None:
    assert (POLICY.backoff.first, POLICY.backoff.maximum, POLICY.parked_retry) == (1, 300, 300)
    assert POLICY.give_up == "park"
