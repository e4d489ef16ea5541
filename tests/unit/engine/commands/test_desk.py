"""The desk reads the routes that are in force at the moment."""

from typing import TYPE_CHECKING

from msgspec.structs import replace

from tests.fakes.engine import channel_with, desk_with, routes_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from botkube.model.routes import Routes


def test_new_routes_are_seen_at_once() -> None:
    routes = [routes_of(channel_with())]
    read: Callable[[], Routes] = lambda: routes[-1]  # noqa: E731 - the shape a reload gives it
    desk = replace(desk_with(channel_with()), read_routes=read)
    assert desk.routes.cluster == "dev"
    routes.append(replace(routes[0], cluster="prod"))
    assert desk.routes.cluster == "prod"
