"""What happens to supervised children → one log line each, and the restart metric."""

import logging
from collections.abc import Callable

from botkube.runtime.childspec import (
    ChildEscalated,
    ChildFailed,
    ChildParked,
    ChildStarted,
    SlowStop,
    SupervisorEvent,
)
from botkube.runtime.logs import fields
from botkube.runtime.metrics import Metrics

log = logging.getLogger(__name__)


def observer(
    metrics: Metrics, parked: Callable[[str, str], None] | None = None
) -> Callable[[SupervisorEvent], None]:
    """An observer that logs and counts; `parked(name, reason)` is told of children given up."""

    def observe(event: SupervisorEvent) -> None:
        match event:
            case ChildStarted(name=name):
                log.info("%s is up", name)
            case ChildFailed(name=name, error=error, delay=delay, restarts=restarts):
                log.debug("%s failed\n%s", name, event.traceback)
                _count(metrics, name)
                again = "" if delay is None else f", again in {delay:.1f} s"
                log.warning("%s failed: %s%s", name, error, again, extra=fields(restarts=restarts))
            case ChildParked(name=name, reason=reason):
                if parked is not None:
                    parked(name, reason)
                log.error("%s is given up for now: %s", name, reason)
            case ChildEscalated(name=name, reason=reason):
                log.error("%s failed too often, the program ends: %s", name, reason)
            case SlowStop(name=name, grace=grace):
                log.warning("%s has not stopped after %g s, waiting", name, grace)

    return observe


def _count(metrics: Metrics, name: str) -> None:
    kind, _, rest = name.partition(":")
    if kind == "plugin":
        metrics.plugin_restarts.labels(rest).inc()
