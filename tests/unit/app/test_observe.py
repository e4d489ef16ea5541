"""One log line for what happens to a child, and the restart metric."""

import logging

import pytest

from botkube.app.observe import observer
from botkube.runtime.childspec import (
    ChildEscalated,
    ChildFailed,
    ChildParked,
    ChildStarted,
    SlowStop,
    SupervisorEvent,
)
from botkube.runtime.metrics import Metrics

EVENTS = [
    (ChildStarted(name="plugin:r/p"), "INFO", "plugin:r/p is up"),
    (
        ChildFailed(name="plugin:r/p", error="it died", delay=0.5, restarts=1),
        "WARNING",
        "plugin:r/p failed: it died, again in 0.5 s",
    ),
    (
        ChildFailed(name="source:s", error="late", delay=None, restarts=0),
        "WARNING",
        "source:s failed: late",
    ),
    (
        ChildParked(name="plugin:r/p", reason="missing"),
        "ERROR",
        "plugin:r/p is given up for now: missing",
    ),
    (ChildEscalated(name="plugin:r/p", reason="again"), "ERROR", "plugin:r/p failed too often"),
    (SlowStop(name="source:s", grace=10), "WARNING", "source:s has not stopped after 10 s"),
]


@pytest.mark.parametrize(("event", "level", "text"), EVENTS)
def test_each_event_is_one_line(
    event: SupervisorEvent, level: str, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        observer(Metrics())(event)
    [record] = caplog.records
    assert record.levelname == level
    assert record.getMessage().startswith(text)


def test_restarts_of_plugins_are_counted() -> None:
    metrics = Metrics()
    observe = observer(metrics)
    observe(ChildFailed(name="plugin:r/p", error="x", delay=0.1, restarts=1))
    observe(ChildFailed(name="source:s", error="x", delay=0.1, restarts=1))
    assert b'botkube_plugin_restarts_total{plugin="r/p"} 1.0' in metrics.render()
    assert b'plugin="s"' not in metrics.render()


def test_whoever_asked_hears_it_too() -> None:
    heard: list[SupervisorEvent] = []
    event = ChildParked(name="plugin:r/p", reason="missing")
    observer(Metrics(), heard.append)(event)
    assert heard == [event]
