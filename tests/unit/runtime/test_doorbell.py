"""Rings: never lost, never piled up."""

import trio
import trio.testing

from botkube.runtime.doorbell import Doorbell
from tests.fakes.supervision import settle


async def test_rings_while_nobody_waits_count_as_one() -> None:
    bell = Doorbell()
    with trio.testing.assert_no_checkpoints():
        bell.ring()
        bell.ring()
    with trio.testing.assert_checkpoints():
        await bell.wait()
    with trio.move_on_after(0) as scope:
        await bell.wait()
    assert scope.cancelled_caught


async def test_a_ring_wakes_the_waiter() -> None:
    bell = Doorbell()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(bell.wait)
        await settle()
        bell.ring()


async def test_a_cancelled_wait_loses_no_ring() -> None:
    bell = Doorbell()
    bell.ring()
    with trio.CancelScope() as scope:
        scope.cancel()
        await bell.wait()
    with trio.fail_after(30):
        await bell.wait()
