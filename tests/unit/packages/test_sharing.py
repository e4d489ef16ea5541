"""One install for all who want the same: its progress, its end, and when nobody wants it any more."""

from pathlib import Path

import pytest
import trio
import trio.testing

from botkube.model.plugin import PluginKey, parse_plugin_key
from botkube.packages.cache.shelf import Installed
from botkube.packages.errors import PackageFailed, PackageRefused
from botkube.packages.progress import Progress, Tell
from botkube.packages.sharing import Shared

Clock = trio.testing.MockClock
KEY = parse_plugin_key("executor", "r/p")
FOUND = Installed(key=KEY, version="v1", path=Path("p"), dependencies=Path("d"), sha256="x")


class Slow:
    """An install that takes ten seconds and tells each of them; `error` is how it ends."""

    def __init__(self, error: Exception | None = None) -> None:
        self.runs = 0
        self.cancelled = 0
        self._error = error

    async def __call__(self, key: PluginKey, tell: Tell, update: bool) -> Installed:  # noqa: FBT001 - as it is called
        self.runs += 1
        try:
            for second in range(10):
                tell(Progress(stage="downloading", done=second, total=10))
                tell(Progress(stage="downloading", done=second, total=10))
                await trio.sleep(1)
        except trio.Cancelled:
            self.cancelled += 1
            raise
        if self._error:
            raise self._error
        return FOUND


async def test_several_wait_for_one_install(autojump_clock: Clock, nursery: trio.Nursery) -> None:
    slow, told = Slow(), list[Progress]()
    shared = Shared(nursery, slow)
    found: list[Installed] = []

    async def want() -> None:
        found.append(await shared.install(KEY, told.append))

    async with trio.open_nursery() as waiters:
        waiters.start_soon(want)
        await trio.sleep(4.5)
        waiters.start_soon(want)
    assert (slow.runs, found) == (1, [FOUND, FOUND])
    assert len(told) == 10 + 6  # each moment once; who comes later begins with the newest
    assert trio.current_time() == 10
    await shared.install(KEY, told.append)
    assert slow.runs == 2


async def test_it_ends_with_the_last_who_waits(
    autojump_clock: Clock, nursery: trio.Nursery
) -> None:
    slow = Slow()
    shared = Shared(nursery, slow)
    async with trio.open_nursery() as waiters:
        waiters.start_soon(shared.install, KEY, lambda _: None)
        with trio.move_on_after(2):
            await shared.install(KEY, lambda _: None)
        assert slow.cancelled == 0
        await trio.sleep(1)
        waiters.cancel_scope.cancel()
    await trio.testing.wait_all_tasks_blocked()
    assert slow.cancelled == 1
    assert await shared.install(KEY, lambda _: None) == FOUND
    assert slow.runs == 2


async def test_an_update_is_another_install(autojump_clock: Clock, nursery: trio.Nursery) -> None:
    slow = Slow()
    shared = Shared(nursery, slow)
    async with trio.open_nursery() as waiters:
        waiters.start_soon(shared.install, KEY, lambda _: None)
        await shared.install(KEY, lambda _: None, update=True)
    assert slow.runs == 2


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (PackageFailed("away"), PackageFailed),
        (PackageRefused("away"), PackageRefused),
        (ExceptionGroup("g", [ValueError("away")]), PackageFailed),
    ],
)
async def test_all_are_told_why_it_did_not_work(
    autojump_clock: Clock, nursery: trio.Nursery, error: Exception, kind: type[Exception]
) -> None:
    shared = Shared(nursery, Slow(error))
    caught: list[Exception] = []

    async def want() -> None:
        with pytest.raises(kind, match=r"^away$") as info:
            await shared.install(KEY, lambda _: None)
        caught.append(info.value)

    async with trio.open_nursery() as waiters:
        waiters.start_soon(want)
        waiters.start_soon(want)
    assert caught[0] is not caught[1]
    assert not nursery.cancel_scope.cancel_called


async def test_who_waits_is_told_when_all_stops(autojump_clock: Clock) -> None:
    async with trio.open_nursery() as nursery:
        shared = Shared(nursery, Slow())

        async def want() -> None:
            with pytest.raises(PackageFailed, match="was stopped"):
                await shared.install(KEY, lambda _: None)

        async with trio.open_nursery() as waiters:
            waiters.start_soon(want)
            await trio.sleep(1)
            nursery.cancel_scope.cancel()
            with trio.CancelScope(shield=True):
                await trio.sleep(1)
