"""One run of a supervised child's body: its scope, and how far it has come."""

import math
from collections.abc import Callable

import trio


class Run:
    """A run in progress; the body gets it as its `task_status`."""

    def __init__(self, on_started: Callable[[], None]) -> None:
        self.scope = trio.CancelScope()
        self.settled = trio.Event()  # started or ended
        self.ended = trio.Event()
        self.superseded = False  # cancelled in favour of the next one
        self._on_started = on_started
        self._ready_at = math.inf

    @property
    def leaving(self) -> bool:
        """Whether the next run waits for the end of this one."""
        return self.superseded and not self.ended.is_set()

    def started(self, value: None = None) -> None:  # noqa: ARG002  # part of trio.TaskStatus
        """Note that the body is useful now.

        Raises: RuntimeError the second time.
        """
        if self._ready_at < math.inf:
            raise RuntimeError("started() was called twice in one run")
        self._ready_at = trio.current_time()
        self.settled.set()
        if not self.superseded:
            self._on_started()

    def supersede(self) -> None:
        """Cancel the run in favour of the next one."""
        self.superseded = True
        self.scope.cancel(reason="restarted")

    def end(self) -> None:
        """Note that the body has ended."""
        self.settled.set()
        self.ended.set()

    def ready_for(self) -> float:
        """How long it has been useful."""
        return max(0.0, trio.current_time() - self._ready_at)
