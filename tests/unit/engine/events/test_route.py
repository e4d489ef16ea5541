"""Which targets an event goes to."""

import pytest
from msgspec.structs import replace

from botkube.engine.events.route import route_event
from botkube.model.event import Event
from tests.fakes.engine import channel_with, routes_of


@pytest.mark.parametrize(
    ("source", "muted", "targets", "left_out"),
    [
        ("beat", set(), ("a", "b", "c"), 0),
        ("beat", {"b"}, ("a", "c"), 1),
        ("beat", {"a", "b", "c", "d"}, (), 3),
        ("other", set(), (), 0),
    ],
)
def test_routing(source: str, muted: set[str], targets: tuple[str, ...], left_out: int) -> None:
    routes = replace(routes_of(channel_with()), targets={"beat": ("a", "b", "c")})
    event = Event(id="e", source=source, message=b"{}", raw=b"null", received_at=1.0)
    routed, filtered = route_event(event, routes, muted.__contains__)
    assert (routed.event, routed.targets, filtered) == (event, targets, left_out)
