"""The states of all parts, collected from the levels while they are up. It only looks."""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from botkube.app.build import Plan
from botkube.model.call import PluginStatus
from botkube.model.plugin import PluginKey
from botkube.model.routes import Binding
from botkube.runtime import clock
from botkube.runtime.childspec import ChildState
from botkube.runtime.metrics import Metrics
from botkube.runtime.policy import TroubleState

if TYPE_CHECKING:
    from botkube.store.database import Database

UNAVAILABLE: Final = "not available in this version: set enabled: false until it is"

Phase = Literal["starting", "started", "stopping"]


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One part as `/readyz` shows it; times are wall-clock seconds."""

    state: str
    since: float
    reason: str = ""
    retry_at: float | None = None
    restarts: int = 0

    def shown(self) -> dict[str, object]:
        """The part as JSON, times as RFC 3339."""
        return {
            "state": self.state,
            "since": clock.rfc3339(self.since),
            "reason": self.reason,
            "retry_at": None if self.retry_at is None else clock.rfc3339(self.retry_at),
        }


def _part(state: ChildState) -> Part:
    return Part(
        state=state.state,
        since=state.since,
        reason=state.reason,
        retry_at=state.retry_at,
        restarts=state.restarts,
    )


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
        self._trouble_states: dict[str, TroubleState] = {}
        self._platforms: tuple[str, ...] = ()
        self._unavailable: tuple[str, ...] = ()
        self.database: Database | None = None

    def watch(self, states: Callable[[], Mapping[str, ChildState]]) -> None:
        """Include the children of a supervisor, named `<kind>:<name>`."""
        self._children.append(states)

    def show_platforms(self, names: tuple[str, ...], unavailable: tuple[str, ...]) -> None:
        """Include platforms, which work whenever the program does, and those nothing works on yet."""
        self._platforms = names
        self._unavailable = unavailable

    def trouble(self, part: str, reason: str, state: TroubleState = "retrying", /) -> None:
        """Say that a running part cannot work now ("": it can again)."""
        if reason:
            self._trouble_since.setdefault(part, self.wall())
            self._troubles[part] = reason
            self._trouble_states[part] = state
        else:
            self._troubles.pop(part, None)
            self._trouble_since.pop(part, None)

    def parts(self) -> dict[str, Part]:
        """Every part and its state."""
        found = {
            name: self._with_trouble(name, _part(s))
            for states in self._children
            for name, s in states().items()
        }
        for name in self._platforms:
            found[f"platform:{name}"] = self._platform(f"platform:{name}")
        for name in self._unavailable:
            found[f"platform:{name}"] = Part(state="parked", since=self._began, reason=UNAVAILABLE)
        if self.phase == "stopping":
            return {name: Part(state="stopping", since=part.since) for name, part in found.items()}
        return found

    def plugin_part(self, plan: Plan, binding: Binding) -> Part | None:
        """How a plugin is for one group; a source whose stream is not open does not work, even if it runs."""
        return self._with_streams(plan, binding.key, (binding.group,))

    def whole_plugin(self, plan: Plan, key: PluginKey) -> Part | None:
        """How a plugin is for all groups together: its process, else the first of its streams that is not open."""
        groups = tuple(group for group, used in plan.stream_names if used == key)
        return self._with_streams(plan, key, groups)

    def _with_streams(self, plan: Plan, key: PluginKey, groups: Iterable[str]) -> Part | None:
        parts = self.parts()
        plugin = parts.get(f"plugin:{plan.plugin_names.get(key, '')}")
        if plugin is None or plugin.state != "ready":
            return plugin
        for group in groups:
            stream = parts.get(f"source:{plan.stream_names.get((group, key), '')}")
            if stream is not None and stream.state != "ready":
                text = f"the stream of {group} is not open"
                reason = f"{text}: {stream.reason}" if stream.reason else text
                return msgspec.structs.replace(stream, reason=reason)
        return plugin

    def _platform(self, name: str) -> Part:
        stored = self.database.trouble if self.database else "starting"
        self.trouble(name, stored)
        return self._with_trouble(name, Part(state="ready", since=self._began))

    def _with_trouble(self, name: str, part: Part) -> Part:
        reason = self._troubles.get(name)
        if reason is None or part.state not in {"ready", "starting"}:
            return part
        state = self._trouble_states[name]
        return Part(state=state, since=self._trouble_since[name], reason=reason)

    def ready(self) -> bool:
        """Whether everything enabled works right now."""
        parts = self.parts().values()
        return self.phase == "started" and all(part.state == "ready" for part in parts)


def plugin_status(part: Part | None, threshold: int, now: float) -> PluginStatus:
    """A plugin's part as `list executors|sources` shows it; scripts know `Running` and `Deactivated`."""
    if part is None:
        return PluginStatus(threshold=threshold)
    wait = None if part.retry_at is None else max(part.retry_at - now, 0.0)
    return PluginStatus(
        status=_status_word(part.state, wait),
        reason=part.reason,
        retry_in=wait if part.state == "parked" else None,
        restarts=part.restarts,
        threshold=threshold,
        last_restart=clock.rfc3339(part.since) if part.restarts else "",
    )


def _status_word(state: str, wait: float | None) -> str:
    match state:
        case "ready":
            return "Running"
        case "parked":
            return "Deactivated"
        case "retrying":
            return "Restarting" if wait is None else f"Restarting in {wait:.0f} s"
        case _:
            return state.capitalize()
