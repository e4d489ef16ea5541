"""How the program is: `/healthz`, `/livez`, `/readyz`, `/metrics`. It only looks, it decides nothing."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Literal

import msgspec

from botkube.model.errors import StorageError
from botkube.runtime import clock
from botkube.runtime.childspec import ChildState
from botkube.runtime.metrics import CONTENT_TYPE, Metrics
from botkube.store import outbox
from botkube.web.doors import plainly
from botkube.web.http import Answer, Handler, Request, Response, as_json

if TYPE_CHECKING:
    from botkube.store.database import Database

Phase = Literal["starting", "started", "stopping"]


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One part as `/readyz` shows it; times are wall-clock seconds."""

    state: str
    since: float
    reason: str = ""
    retry_at: float | None = None

    def shown(self) -> dict[str, object]:
        """The part as JSON, times as RFC 3339."""
        return {
            "state": self.state,
            "since": clock.rfc3339(self.since),
            "reason": self.reason,
            "retry_at": None if self.retry_at is None else clock.rfc3339(self.retry_at),
        }


class Board:
    """Collects what each level says about its parts while that level is up."""

    def __init__(self, metrics: Metrics, wall: Callable[[], float]) -> None:
        self.phase: Phase = "starting"
        self.metrics = metrics
        self.wall = wall
        self._began = wall()
        self._children: list[Callable[[], Mapping[str, ChildState]]] = []
        self._troubles: dict[str, str] = {}
        self._trouble_since: dict[str, float] = {}
        self._platforms: tuple[str, ...] = ()
        self.database: Database | None = None
        self.targets: tuple[str, ...] = ()

    def watch(self, states: Callable[[], Mapping[str, ChildState]]) -> None:
        """Include the children of a supervisor, named `<kind>:<name>`."""
        self._children.append(states)

    def show_platforms(self, names: tuple[str, ...]) -> None:
        """Include platforms, which work whenever the program does."""
        self._platforms = names

    def trouble(self, part: str, reason: str) -> None:
        """Say that a running part cannot work now ("": it can again)."""
        if reason:
            self._trouble_since.setdefault(part, self.wall())
            self._troubles[part] = reason
        else:
            self._troubles.pop(part, None)
            self._trouble_since.pop(part, None)

    def parts(self) -> dict[str, Part]:
        """Every part and its state."""
        found = {
            name: self._with_trouble(
                name, Part(state=s.state, since=s.since, reason=s.reason, retry_at=s.retry_at)
            )
            for states in self._children
            for name, s in states().items()
        }
        for name in self._platforms:
            found[f"platform:{name}"] = self._platform(f"platform:{name}")
        if self.phase == "stopping":
            return {name: Part(state="stopping", since=part.since) for name, part in found.items()}
        return found

    def _platform(self, name: str) -> Part:
        stored = self.database.trouble if self.database else "starting"
        self.trouble(name, stored)
        return self._with_trouble(name, Part(state="ready", since=self._began))

    def _with_trouble(self, name: str, part: Part) -> Part:
        reason = self._troubles.get(name)
        if reason is None or part.state != "ready":
            return part
        return Part(state="retrying", since=self._trouble_since[name], reason=reason)

    def ready(self) -> bool:
        """Whether everything enabled works right now."""
        parts = self.parts().values()
        return self.phase == "started" and all(part.state == "ready" for part in parts)


def health_routes(board: Board) -> dict[str, Handler]:
    """The handlers of the status paths."""

    def healthz(_request: Request) -> Answer:
        return as_json(_health(board), 200 if board.phase == "started" else 503)

    def livez(_request: Request) -> Answer:
        return as_json({"status": "ok"})

    def readyz(_request: Request) -> Answer:
        parts = {name: part.shown() for name, part in sorted(board.parts().items())}
        ready = board.ready()
        return as_json({"ready": ready, "parts": parts}, 200 if ready else 503)

    async def metrics(_request: Request) -> Answer:
        await _measure(board)
        return Response(body=board.metrics.render(), content_type=CONTENT_TYPE)

    return {
        "/healthz": plainly(healthz),
        "/livez": plainly(livez),
        "/readyz": plainly(readyz),
        "/metrics": metrics,
    }


def _health(board: Board) -> dict[str, object]:
    """The body the original's probes and scripts know."""
    words = {"ready": "Running", "parked": "Deactivated"}
    parts = board.parts()
    plugins = {
        name.partition(":")[2]: {"enabled": True, "status": words.get(part.state, "Restarting")}
        for name, part in parts.items()
        if name.startswith("plugin:")
    }
    platforms = {
        name.partition(":")[2]: {
            "status": "Healthy" if part.state == "ready" else "Unhealthy",
            "restarts": "0/0",
            "reason": "" if part.state == "ready" else "Connection error",
            "errorMsg": part.reason,
        }
        for name, part in parts.items()
        if name.startswith("platform:")
    }
    status = "Healthy" if board.phase == "started" else "Unhealthy"
    return {"botkube": {"status": status}, "plugins": plugins, "platforms": platforms}


async def _measure(board: Board) -> None:
    """Bring the gauges up to date; they cost nothing while nobody asks."""
    metrics = board.metrics
    for name, part in board.parts().items():
        kind, _, rest = name.partition(":")
        if kind == "plugin":
            metrics.plugin_up.labels(rest).set(part.state == "ready")
        elif kind == "platform":
            metrics.connection_up.labels(rest).set(part.state == "ready")
    if board.database is None:
        return
    try:
        depths = await board.database.read(outbox.depths)
    except StorageError:
        return  # the last values stay; /readyz says what is wrong
    now = board.wall()
    for target in board.targets:
        depth = depths.get(target, outbox.Depth(0, now))
        metrics.outbox_depth.labels(target).set(depth.waiting)
        metrics.outbox_oldest.labels(target).set(max(now - depth.oldest, 0))
