"""A note that something takes long: only then, once, and what the block raises is raised as it is."""

import pytest
import trio
from trio.testing import MockClock

from botkube.runtime.noting import noting


async def test_only_what_takes_long_is_noted(autojump_clock: MockClock) -> None:
    notes: list[float] = []

    def note() -> None:
        notes.append(trio.current_time())

    began = trio.current_time()
    async with noting(5, note):
        await trio.sleep(4.9)
    assert notes == []
    async with noting(5, note):
        await trio.sleep(20)
    assert [at - began for at in notes] == [pytest.approx(9.9)]


async def test_an_error_is_no_group_and_a_cancel_goes_through(autojump_clock: MockClock) -> None:
    with pytest.raises(ValueError, match="as it is"):
        async with noting(5, pytest.fail):
            raise ValueError("as it is")
    with trio.move_on_after(1) as scope:
        async with noting(5, pytest.fail):
            await trio.sleep_forever()
    assert scope.cancelled_caught
