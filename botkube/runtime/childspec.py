"""What is said about a supervised child: how it should be, how it is, and what happened to it."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import msgspec
import trio

from botkube.runtime.policy import Policy, StateName


class Body(Protocol):
    """What a child does until it is cancelled; it calls `started()` once it is useful."""

    async def __call__(self, *, task_status: trio.TaskStatus[None]) -> None: ...


@dataclass(frozen=True, slots=True)  # not a Struct: equality must leave `body` out
class ChildSpec:
    """A child as it should be; `fingerprint` stands for all the configuration its body closes over."""

    name: str
    body: Body = field(compare=False)
    fingerprint: str = ""
    policy: Policy = Policy()  # noqa: RUF009  # frozen


class ChildState(msgspec.Struct, frozen=True, kw_only=True):
    """How a child is right now. `since` and `retry_at` are wall times, `reason` is one line."""

    state: StateName
    since: float
    reason: str = ""
    retry_at: float | None = None
    restarts: int = 0


class ChildStarted(msgspec.Struct, frozen=True, kw_only=True):
    """The child called `started()`."""

    name: str


class ChildFailed(msgspec.Struct, frozen=True, kw_only=True):
    """The child failed, having been ready for so long, and runs again after `delay`; None: it was being
    stopped anyway.
    """

    name: str
    error: str
    delay: float | None
    restarts: int
    ready_for: float = 0.0
    traceback: str = ""


class ChildParked(msgspec.Struct, frozen=True, kw_only=True):
    """The child failed and is left alone for `wait` seconds, or until somebody asks."""

    name: str
    reason: str
    wait: float = math.inf
    ready_for: float = 0.0
    traceback: str = ""


class ChildEscalated(msgspec.Struct, frozen=True, kw_only=True):
    """The child failed too often and takes the supervisor's block down."""

    name: str
    reason: str


class SlowStop(msgspec.Struct, frozen=True, kw_only=True):
    """The child was told to stop `grace` seconds ago and is still there; waiting goes on."""

    name: str
    grace: float


SupervisorEvent = ChildStarted | ChildFailed | ChildParked | ChildEscalated | SlowStop
Observer = Callable[[SupervisorEvent], None]


def ignore(event: SupervisorEvent) -> None:
    """Observe nothing."""
