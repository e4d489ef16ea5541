"""The bound on bytes under way."""

import trio
from trio.testing import wait_all_tasks_blocked

from botkube.runtime.bytegate import ByteGate


async def test_what_does_not_fit_waits_until_something_is_given_back() -> None:
    gate = ByteGate(10)
    await gate.take(8)
    passed = trio.Event()

    async def second() -> None:
        await gate.take(3)
        passed.set()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(second)
        await wait_all_tasks_blocked()
        assert not passed.is_set()
        gate.give(8)
        await passed.wait()


async def test_something_larger_than_the_limit_passes_alone() -> None:
    gate = ByteGate(10)
    await gate.take(100)
    with trio.move_on_after(0) as scope:
        await gate.take(1)
    assert scope.cancelled_caught
    gate.give(100)
    await gate.take(1)
