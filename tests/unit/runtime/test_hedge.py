"""A question that is asked again beside itself."""

import pytest
import trio
from trio.abc import Clock

from botkube.runtime.hedge import hedged


class Peer:
    """Answers with the number of the question, each after its own time."""

    def __init__(self, *delays: float) -> None:
        self.delays = delays
        self.asked: list[float] = []
        self.given_up = 0

    async def __call__(self) -> int:
        number = len(self.asked)
        self.asked.append(trio.current_time())
        try:
            await trio.sleep(self.delays[number])
        except trio.Cancelled:
            self.given_up += 1
            raise
        return number


async def test_a_quick_answer_is_asked_for_once(autojump_clock: Clock) -> None:
    peer = Peer(1.0)
    assert await hedged(peer, every=3.0, most=4) == 0
    assert len(peer.asked) == 1


async def test_one_that_is_lost_costs_no_more_than_the_next_one(autojump_clock: Clock) -> None:
    began, peer = trio.current_time(), Peer(1e6, 1e6, 0.5)
    assert await hedged(peer, every=3.0, most=4) == 2
    assert trio.current_time() - began == pytest.approx(6.5)
    assert peer.given_up == 2


async def test_it_is_bounded(autojump_clock: Clock) -> None:
    peer = Peer(30.0, 30.0)
    assert await hedged(peer, every=3.0, most=2) == 0
    assert len(peer.asked) == 2


async def test_a_failure_ends_the_others(autojump_clock: Clock) -> None:
    peer = Peer(1e6)

    async def ask() -> int:
        if not peer.asked:
            return await peer()
        raise OSError("refused")

    with pytest.RaisesGroup(OSError):
        await hedged(ask, every=3.0, most=2)
    assert peer.given_up == 1


async def test_cancelled_it_leaves_nothing(autojump_clock: Clock) -> None:
    peer = Peer(1e6, 1e6)
    with trio.move_on_after(4.0) as scope:
        await hedged(peer, every=3.0, most=4)
    assert scope.cancelled_caught
    assert peer.given_up == 2
