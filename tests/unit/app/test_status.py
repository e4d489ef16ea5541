"""The board: what each part is, from when, why, and whether all of it works."""

import pytest

from botkube.app.build import Plan, build
from botkube.app.status import Board, Part, plugin_status
from botkube.config import embedded_default
from botkube.model.call import PluginStatus
from botkube.runtime.childspec import ChildState
from botkube.runtime.metrics import Metrics

CONFIG = embedded_default().config
assert CONFIG is not None
PLAN: Plan = build(CONFIG)
[BEAT] = {binding for channel in PLAN.channels.values() for binding in channel.sources}
UP = "plugin:builtin/heartbeat"


class Broken:
    """A database that takes no writes."""

    trouble = "state.db did not take a write: database or disk is full"


class Wall:
    """Wall time as a test sets it."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def child(state: str, *, reason: str = "", retry_at: float | None = None) -> ChildState:
    return ChildState(
        state=state,  # type: ignore[arg-type]  # one of the states
        since=990.0,
        reason=reason,
        retry_at=retry_at,
        restarts=3,
    )


def board(**children: ChildState) -> Board:
    found = Board(Metrics(), Wall())
    found.watch(lambda: {name.replace("_", ":", 1): state for name, state in children.items()})
    found.phase = "started"
    return found


def test_everything_that_is_up_is_ready() -> None:
    found = board(plugin_a=child("ready"), deliver_b=child("ready"))
    found.watch(lambda: {"source:c": child("ready")})
    assert set(found.parts()) == {"plugin:a", "deliver:b", "source:c"}
    assert found.ready()


@pytest.mark.parametrize("state", ["starting", "retrying", "parked", "stopping"])
def test_one_part_that_does_not_work_is_not_ready(state: str) -> None:
    found = board(plugin_a=child("ready"), plugin_b=child(state, reason="why", retry_at=1010.0))
    assert not found.ready()
    assert found.parts()["plugin:b"] == Part(
        state=state, since=990.0, reason="why", retry_at=1010.0, restarts=3
    )


@pytest.mark.parametrize("phase", ["starting", "stopping"])
def test_before_and_after_it_is_not_ready(phase: str) -> None:
    found = board(plugin_a=child("ready"))
    found.phase = phase  # type: ignore[assignment]  # one of the phases
    assert not found.ready()


def test_while_it_stops_every_part_does() -> None:
    found = board(plugin_a=child("ready"), plugin_b=child("parked", reason="x"))
    found.phase = "stopping"
    assert found.parts() == {
        "plugin:a": Part(state="stopping", since=990.0),
        "plugin:b": Part(state="stopping", since=990.0),
    }


def test_the_trouble_of_a_running_part_has_a_beginning_and_an_end() -> None:
    wall = Wall()
    found = Board(Metrics(), wall)
    found.watch(lambda: {"deliver:a": child("ready"), "deliver:b": child("ready")})
    found.phase = "started"
    found.trouble("deliver:a", "refused")
    wall.now = 1005.0
    found.trouble("deliver:a", "reset")
    assert found.parts()["deliver:a"] == Part(
        state="retrying", since=1000.0, reason="reset", restarts=0
    )
    assert found.parts()["deliver:b"].state == "ready"
    assert not found.ready()
    found.trouble("deliver:a", "", "retrying")
    assert found.ready()
    found.trouble("deliver:a", "it answered 401", "auth-failed")
    assert found.parts()["deliver:a"].state == "auth-failed"
    found.trouble("deliver:a", "")
    wall.now = 1009.0
    found.trouble("deliver:a", "again")
    assert found.parts()["deliver:a"].since == 1009.0


def test_a_parked_part_keeps_its_own_reason() -> None:
    found = board(source_a=child("parked", reason="bad token"))
    found.trouble("source:a", "disk full")
    assert found.parts()["source:a"].reason == "bad token"


def test_a_platform_works_when_the_store_takes_writes() -> None:
    found = board()
    found.show_platforms(("default-playground",), ())
    name = "platform:default-playground"
    assert found.parts()[name].state == "retrying"
    found.database = Broken()  # type: ignore[assignment]  # its trouble is all that is read
    assert found.parts()[name].reason == Broken.trouble
    assert not found.ready()
    found.database.trouble = ""  # type: ignore[union-attr]
    assert found.parts()[name].state == "ready"
    assert found.ready()


def test_how_a_part_is_shown() -> None:
    part = Part(state="retrying", since=1767582000.0, reason="x", retry_at=1767582001.5)
    assert part.shown() == {
        "state": "retrying",
        "since": "2026-01-05T03:00:00.000Z",
        "reason": "x",
        "retry_at": "2026-01-05T03:00:01.500Z",
    }
    assert Part(state="ready", since=0.0).shown()["retry_at"] is None


@pytest.mark.parametrize(
    ("plugin", "stream", "state", "reason"),
    [
        ("ready", child("ready"), "ready", ""),
        ("ready", None, "ready", ""),
        ("ready", child("starting"), "starting", "the stream of beat is not open"),
        (
            "ready",
            child("retrying", reason="no such cluster", retry_at=1001.0),
            "retrying",
            "the stream of beat is not open: no such cluster",
        ),
        ("parked", child("starting"), "parked", "it died"),
    ],
)
def test_a_source_works_when_its_stream_is_open(
    plugin: str, stream: ChildState | None, state: str, reason: str
) -> None:
    found = Board(Metrics(), Wall())
    children = {UP: child(plugin, reason="it died" if plugin == "parked" else "")}
    found.watch(lambda: children if stream is None else {**children, "source:beat": stream})
    part = found.plugin_part(PLAN, BEAT)
    assert part is not None
    assert (part.state, part.reason) == (state, reason)
    assert found.whole_plugin(PLAN, BEAT.key) == part


def test_a_plugin_nobody_uses_is_no_part() -> None:
    assert Board(Metrics(), Wall()).plugin_part(PLAN, BEAT) is None


@pytest.mark.parametrize(
    ("part", "status"),
    [
        (None, PluginStatus(threshold=5)),
        (Part(state="ready", since=0.0), PluginStatus(status="Running", threshold=5)),
        (
            Part(state="ready", since=0.0, restarts=2),
            PluginStatus(
                status="Running", restarts=2, threshold=5, last_restart="1970-01-01T00:00:00.000Z"
            ),
        ),
        (Part(state="starting", since=0.0), PluginStatus(status="Starting", threshold=5)),
        (
            Part(state="retrying", since=0.0, reason="x", retry_at=1002.6),
            PluginStatus(status="Restarting in 3 s", reason="x", threshold=5),
        ),
        (
            Part(state="retrying", since=0.0, reason="x", retry_at=999.0),
            PluginStatus(status="Restarting in 0 s", reason="x", threshold=5),
        ),
        (
            Part(state="retrying", since=0.0, reason="x"),
            PluginStatus(status="Restarting", reason="x", threshold=5),
        ),
        (
            Part(state="parked", since=0.0, reason="x", retry_at=1290.0),
            PluginStatus(status="Deactivated", reason="x", retry_in=290.0, threshold=5),
        ),
        (
            Part(state="parked", since=0.0, reason="x"),
            PluginStatus(status="Deactivated", reason="x", threshold=5),
        ),
    ],
)
def test_how_a_plugin_is_listed(part: Part | None, status: PluginStatus) -> None:
    assert plugin_status(part, 5, 1000.0) == status


def test_an_enabled_platform_that_is_not_available_is_not_ready_and_says_what_to_do() -> None:
    found = board(plugin_a=child("ready"))
    found.show_platforms((), ("g-pagerDuty",))
    part = found.parts()["platform:g-pagerDuty"]
    assert (part.state, "set enabled: false" in part.reason) == ("parked", True)
    assert not found.ready()
