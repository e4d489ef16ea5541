"""Bodies of supervised children, one class for each way to behave."""

from collections.abc import Awaitable, Callable

import trio

from botkube.runtime.supervisor import Body


class Steady:
    """Ready at once; runs until cancelled, and says when it began and ended."""

    def __init__(self, note: Callable[[str], None] = lambda _: None) -> None:
        self.runs = 0
        self.live = 0
        self._note = note

    async def __call__(self, *, task_status: trio.TaskStatus[None]) -> None:
        self.runs += 1
        self.live += 1
        self._note("began")
        try:
            task_status.started()
            await trio.sleep_forever()
        finally:
            self.live -= 1
            self._note("ended")


class Failing:
    """Fails each of its first `times` runs after `after` seconds, ready or not; then is steady."""

    def __init__(
        self,
        make: Callable[[], BaseException],
        times: float = float("inf"),
        *,
        after: float = 0.0,
        ready: bool = False,
    ) -> None:
        self.runs = 0
        self._make = make
        self._times = times
        self._after = after
        self._ready = ready

    async def __call__(self, *, task_status: trio.TaskStatus[None]) -> None:
        self.runs += 1
        if self._ready or self.runs > self._times:
            task_status.started()
        if self.runs > self._times:
            await trio.sleep_forever()
        await trio.sleep(self._after)
        raise self._make()


class Ending:
    """Returns as if its work were done."""

    def __init__(self) -> None:
        self.runs = 0

    async def __call__(self, *, task_status: trio.TaskStatus[None]) -> None:
        self.runs += 1
        await trio.lowlevel.checkpoint()


class Mute:
    """Never ready; runs until cancelled."""

    def __init__(self) -> None:
        self.runs = 0

    async def __call__(self, *, task_status: trio.TaskStatus[None]) -> None:
        self.runs += 1
        await trio.sleep_forever()


class SlowToStop:
    """Ready at once; takes its time to clean up."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    async def __call__(self, *, task_status: trio.TaskStatus[None]) -> None:
        task_status.started()
        try:
            await trio.sleep_forever()
        finally:
            with trio.CancelScope(shield=True, deadline=trio.current_time() + self._seconds + 1):
                await trio.sleep(self._seconds)


class FailingToStop:
    """Ready at once; its clean-up fails."""

    async def __call__(self, *, task_status: trio.TaskStatus[None]) -> None:
        task_status.started()
        try:
            await trio.sleep_forever()
        finally:
            raise OSError("cannot clean up")


class InNursery:
    """Runs another body in a nursery of its own, as real children do: its errors come in groups."""

    def __init__(self, inner: Body) -> None:
        self._inner = inner

    async def __call__(self, *, task_status: trio.TaskStatus[None]) -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(trio.sleep_forever)
            await self._inner(task_status=task_status)


class Unready:
    """Does some work without ever being ready."""

    def __init__(self, work: Callable[[], Awaitable[None]]) -> None:
        self._work = work

    async def __call__(self, *, task_status: trio.TaskStatus[None]) -> None:
        await self._work()
