"""What happens to supervised children → one log line each, and the restart metric."""

import logging
from collections.abc import Mapping

from botkube.model.plugin import PluginKey
from botkube.plugins.output import of_plugin
from botkube.runtime.childspec import (
    ChildEscalated,
    ChildFailed,
    ChildParked,
    ChildStarted,
    Observer,
    SlowStop,
    SupervisorEvent,
    ignore,
)
from botkube.runtime.logs import fields
from botkube.runtime.metrics import Metrics

log = logging.getLogger(__name__)


def observer(
    metrics: Metrics, hear: Observer = ignore, keys: Mapping[str, PluginKey] = {}
) -> Observer:
    """An observer that logs and counts, and then lets `hear` know too; `keys` has the plugins by their children."""

    def observe(event: SupervisorEvent) -> None:
        _log(event, keys.get(event.name))
        if isinstance(event, ChildFailed):
            _count(metrics, event.name)
        hear(event)

    return observe


def _log(event: SupervisorEvent, key: PluginKey | None) -> None:
    extra = of_plugin(key) if key else {}
    match event:
        case ChildStarted(name=name):
            log.info("%s is up", name, extra=extra)
        case ChildFailed(name=name, error=error, delay=delay, restarts=restarts):
            log.debug("%s failed\n%s", name, event.traceback)
            again = "" if delay is None else f", again in {delay:.1f} s"
            extra = of_plugin(key, restarts=restarts) if key else fields(restarts=restarts)
            log.warning("%s failed: %s%s", name, error, again, extra=extra)
        case ChildParked(name=name, reason=reason):
            log.error("%s is given up for now: %s", name, reason, extra=extra)
        case ChildEscalated(name=name, reason=reason):
            log.error("%s failed too often, the program ends: %s", name, reason, extra=extra)
        case SlowStop(name=name, grace=grace):
            log.warning("%s has not stopped after %g s, waiting", name, grace, extra=extra)


def _count(metrics: Metrics, name: str) -> None:
    kind, _, rest = name.partition(":")
    if kind == "plugin":
        metrics.plugin_restarts.labels(rest).inc()
