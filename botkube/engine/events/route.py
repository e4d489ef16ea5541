"""Which targets an event goes to. Pure."""

from collections.abc import Callable

from botkube.model.event import Event, Routed
from botkube.model.routes import Routes


def route_event(event: Event, routes: Routes, muted: Callable[[str], bool]) -> tuple[Routed, int]:
    """The event with its targets, and how many were left out because they are muted."""
    bound = routes.targets.get(event.source, ())
    targets = tuple(target for target in bound if not muted(target))
    return Routed(event=event, targets=targets), len(bound) - len(targets)
