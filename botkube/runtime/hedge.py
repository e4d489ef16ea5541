"""Asks again beside a question that is still unanswered: the first answer counts.

For what may be asked twice: a packet that was lost in an outage is tried again later and later, a new connection at once.
Source: Dean and Barroso, The Tail at Scale, Communications of the ACM 56 (2), 2013.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import trio

T = TypeVar("T")


async def hedged(ask: Callable[[], Awaitable[T]], every: float, most: int) -> T:
    """Ask, and once more each `every` seconds without an answer, `most` times in all; returns the first answer.

    What `ask` raises comes in a group. Cancellation: all of them are given up, as those without the first answer are.
    """
    answers: list[T] = []
    async with trio.open_nursery() as nursery:

        async def one() -> None:
            answers.append(await ask())
            nursery.cancel_scope.cancel(reason="there is an answer")

        for _ in range(most):
            nursery.start_soon(one)
            await trio.sleep(every)
    return answers[0]
