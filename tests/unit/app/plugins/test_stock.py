"""Who runs and who is installed: one plugin goes from one to the other, and nothing else is touched."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
import trio
import trio.testing

from botkube.app.plugins.placing import Placed
from botkube.app.plugins.stock import SETTLED, Hosts, Stock, divide, with_running
from botkube.model.plugin import PluginKey, parse_plugin_key
from botkube.packages.cache.lockfile import Lock, Locked, read_lock, write_lock
from botkube.packages.errors import PackageRefused
from botkube.plugins.errors import PluginMissing
from botkube.runtime.childspec import ChildSpec
from tests.fakes.shelved import Shelved
from tests.fakes.supervision import supervision

A, B = parse_plugin_key("executor", "r/a"), parse_plugin_key("executor", "r/b@v1")
ECHO = parse_plugin_key("executor", "builtin/echo")
KEYS = (A, B, ECHO)
OLD = Locked(version="v1", index="i", platforms={})
NEW = Locked(version="v2", index="i", platforms={})


def test_what_is_not_there_is_to_be_installed() -> None:
    assert divide(KEYS, {}) == ((), KEYS)
    assert divide(KEYS, {B: Placed(), ECHO: Placed()}) == ((B, ECHO), (A,))


def test_what_runs_is_kept_though_another_version_was_installed_since() -> None:
    lock = Lock().put(A, NEW).put(B, OLD)
    there = {A: Placed(locked=OLD), B: Placed(locked=OLD), ECHO: Placed()}
    assert with_running(lock, there).plugins == {**lock.plugins, "executor r/a@running": OLD}


class Rig:
    """Two supervisors whose children only note that they were started."""

    def __init__(self, shelved: Shelved, hosts: Hosts, stock: Stock, begun: list[str]) -> None:
        self.shelved = shelved
        self.stock = stock
        self.begun = begun
        self._hosts = hosts

    def sets(self) -> tuple[list[str], list[str]]:
        hosts = self._hosts
        return sorted(hosts.plugins.states()), sorted(hosts.packages.states())


@asynccontextmanager
async def stocked(folder: Path, keys: Sequence[PluginKey] = KEYS) -> AsyncGenerator[Rig]:
    shelved, begun = Shelved(folder), list[str]()
    stock = Stock(shelved.places, keys, lambda: 1e9)

    async def body(name: str, *, task_status: trio.TaskStatus[None]) -> None:
        begun.append(name)
        task_status.started()
        await trio.sleep_forever()

    def child(kind: str, key: PluginKey, placed: Placed | None = None) -> ChildSpec:
        name = f"{kind} {key}"
        return ChildSpec(name, partial(body, name), placed.identity if placed else "")

    async with supervision() as plugins, supervision() as packages, trio.open_nursery() as nursery:
        hosts = Hosts(
            plugins=plugins,
            packages=packages,
            plugin=partial(child, "run"),
            package=partial(child, "get"),
        )
        await nursery.start(stock.run, hosts)
        yield Rig(shelved, hosts, stock, begun)
        nursery.cancel_scope.cancel()


async def test_a_plugin_that_comes_is_run_and_the_others_are_not_touched(tmp_path: Path) -> None:
    async with stocked(tmp_path) as rig:
        assert rig.sets() == (["run builtin/echo"], ["get r/a", "get r/b@v1"])
        rig.shelved.install(A)
        assert await rig.stock.is_there(A)
        assert not await rig.stock.is_there(B)
        await rig.stock.settle([A])
        assert rig.sets() == (["run builtin/echo", "run r/a"], ["get r/b@v1"])
        rig.shelved.install(B)
        await rig.stock.settle([B, parse_plugin_key("source", "r/not-used")])
        assert rig.sets() == (["run builtin/echo", "run r/a", "run r/b@v1"], [])
    assert sorted(rig.begun) == sorted(set(rig.begun))  # each once


async def test_only_what_is_asked_about_is_looked_at_again(tmp_path: Path) -> None:
    async with stocked(tmp_path) as rig:
        rig.shelved.install(A)
        await rig.stock.settle([A])
        rig.shelved.install(A, "v2", b"new")
        await rig.stock.settle([B])
        assert rig.begun.count("run r/a") == 1
        await rig.stock.settle([A])
        assert rig.begun.count("run r/a") == 2
        rig.shelved.lock_file.unlink()
        await rig.stock.settle([A])
        assert rig.sets() == (["run builtin/echo"], ["get r/a", "get r/b@v1"])


async def test_what_is_found_damaged_at_its_start_is_installed_anew_but_not_for_ever(
    tmp_path: Path, mock_clock: trio.testing.MockClock
) -> None:
    async with stocked(tmp_path) as rig:
        damaged = rig.shelved.install(A)
        await rig.stock.settle([A])
        await _start_damaged(rig, damaged)
        assert "was changed" in rig.stock.why(A)
        rig.stock.parked(B)  # for whatever other reason
        rig.stock.parked(A)
        await rig.stock.settle([ECHO])
        assert rig.sets()[1] == ["get r/a", "get r/b@v1"]
        assert not await rig.stock.is_there(A)
        _write(damaged, b"plugin")
        assert await rig.stock.is_there(A)  # by another program
        await rig.stock.settle([A])
        assert rig.sets()[1] == ["get r/b@v1"]
        await _start_damaged(rig, damaged)
        rig.stock.parked(A)
        await rig.stock.settle([ECHO])
        assert rig.sets()[1] == ["get r/b@v1"]  # it was only just mended
        mock_clock.jump(SETTLED)
        rig.stock.parked(A)
        await rig.stock.settle([ECHO])
        assert rig.sets()[1] == ["get r/a", "get r/b@v1"]


async def _start_damaged(rig: Rig, damaged: Path) -> None:
    _write(damaged, b"PLUGIN")
    with pytest.raises(PackageRefused, match="was changed"):
        await trio.to_thread.run_sync(rig.stock.locate, A)


def _write(file: Path, content: bytes) -> None:
    file.chmod(0o755)
    file.write_bytes(content)
    file.chmod(0o555)


async def test_a_file_by_hand_that_went_is_found_when_it_is_back(tmp_path: Path) -> None:
    async with stocked(tmp_path, [A]) as rig:
        path = rig.shelved.put_by_hand(A)
        await rig.stock.settle([A])
        path.unlink()
        assert rig.sets() == (["run r/a"], [])  # what runs goes on
        with pytest.raises(PluginMissing):
            await trio.to_thread.run_sync(rig.stock.locate, A)
        rig.stock.parked(A)
        while rig.sets() != ([], ["get r/a"]):  # noqa: ASYNC110 - the round is nobody's to wait for
            await trio.sleep(0.001)
        assert not await rig.stock.is_there(A)
        rig.shelved.put_by_hand(A)
        assert await rig.stock.is_there(A)
        await rig.stock.settle([A])
        assert rig.sets() == (["run r/a"], [])


async def test_the_cache_is_tidied_up_without_what_runs(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with stocked(tmp_path, [A]) as rig:
        first = rig.shelved.install(A)
        await rig.stock.settle([A])
        await trio.to_thread.run_sync(rig.stock.locate, A)
        second = rig.shelved.install(A, "v2", b"second")  # by another program
        stray = rig.shelved.install(B, "v1", b"stray")
        write = read_lock(rig.shelved.lock_file).put(B, None)
        write_lock(rig.shelved.lock_file, write)
        await rig.stock.settle([B])
        await rig.stock.settle([B])  # the round before has tidied up
        assert (first.exists(), second.exists(), stray.exists()) == (True, True, False)
        assert "removed from the plugin cache" not in caplog.text or stray.name in caplog.text
        rig.shelved.lock_file.write_text("{")
        await rig.stock.settle([B])
        await rig.stock.settle([B])
        assert "the plugin cache cannot be tidied up" in caplog.text
        await rig.stock.settle([A])  # which cannot be run now, and that says it
        caplog.clear()
        await rig.stock.settle([B])
        assert "is damaged" not in caplog.text
