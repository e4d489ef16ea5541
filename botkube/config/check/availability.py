"""Points out what is configured and enabled but not part of this version."""

from collections.abc import Iterator

from botkube.config.problem import Finding, warning
from botkube.config.schema.root import Config
from botkube.config.use import connections

AVAILABLE = frozenset({"playground", "socketSlack", "webhook", "elasticsearch"})
_TEXT = "not available in this version"


def check_availability(config: Config) -> Iterator[Finding]:
    """Warn about every enabled platform, sink and action that nothing acts on yet, and about reloading."""
    for place in connections(config):
        if place.connection.enabled and place.platform not in AVAILABLE:
            fix = "set enabled: false until it is"
            yield warning(place.path, f"{_TEXT}, so /readyz never says ready", fix)
    for name, action in config.actions.items():
        if action.enabled:
            fix = "it is ignored; set enabled: false to silence this"
            yield warning(("actions", name), _TEXT, fix)
    if config.config_watcher.enabled:
        fix = "restart it after a change; set enabled: false to silence this"
        text = f"reloading is {_TEXT}, so no change is noticed"
        yield warning(("configWatcher", "enabled"), text, fix)
