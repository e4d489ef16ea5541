"""Points out what is configured and enabled but not part of this version."""

from collections.abc import Iterator

from botkube.config.problem import Finding, warning
from botkube.config.schema.root import Config
from botkube.config.use import connections

AVAILABLE = frozenset({"playground", "socketSlack", "webhook", "elasticsearch"})
_TEXT = "not available in this version"


def check_availability(config: Config) -> Iterator[Finding]:
    """Warn about every enabled platform, sink and action that nothing acts on yet."""
    for place in connections(config):
        if place.connection.enabled and place.platform not in AVAILABLE:
            yield warning(place.path, _TEXT, "it is ignored; set enabled: false to silence this")
    for name, action in config.actions.items():
        if action.enabled:
            fix = "it is ignored; set enabled: false to silence this"
            yield warning(("actions", name), _TEXT, fix)
