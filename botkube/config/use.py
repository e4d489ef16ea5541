"""Walks a configuration for what is connected and what is bound, without knowing each platform."""

from collections.abc import Iterator, Mapping

import msgspec

from botkube.config.problem import Path
from botkube.config.schema.groups import Bindings
from botkube.config.schema.platforms import Connection
from botkube.config.schema.root import Config
from botkube.config.schema.sinks import SinkBindings


class ConnectionPlace(msgspec.Struct, frozen=True, kw_only=True):
    """One platform or sink of one communication group."""

    group: str
    platform: str
    connection: Connection

    @property
    def path(self) -> Path:
        """Its key path."""
        return ("communications", self.group, self.platform)


class BoundPlace(msgspec.Struct, frozen=True, kw_only=True):
    """Something with a binding list: a channel, an index, a sink or an action."""

    path: Path
    enabled: bool
    sources: tuple[str, ...]
    executors: tuple[str, ...] = ()


def connections(config: Config) -> Iterator[ConnectionPlace]:
    """Yield every platform and sink, enabled or not, in the order of the file's groups."""
    for group, communications in config.communications.items():
        for field in msgspec.structs.fields(type(communications)):
            connection = getattr(communications, field.name)
            if isinstance(connection, Connection):
                yield ConnectionPlace(
                    group=group, platform=field.encode_name, connection=connection
                )


def bound_places(config: Config) -> Iterator[BoundPlace]:
    """Yield everything that binds sources or executors."""
    for place in connections(config):
        yield from _places(place.connection, place.path, enabled=place.connection.enabled)
    for name, action in config.actions.items():
        yield from _places(action, ("actions", name), enabled=action.enabled)


def _places(value: object, path: Path, *, enabled: bool) -> Iterator[BoundPlace]:
    for name, child in _children(value):
        if isinstance(child, Bindings):
            yield BoundPlace(
                path=path, enabled=enabled, sources=child.sources, executors=child.executors
            )
        elif isinstance(child, SinkBindings):
            yield BoundPlace(path=path, enabled=enabled, sources=child.sources)
        else:
            yield from _places(child, (*path, name), enabled=enabled)


def _children(value: object) -> Iterator[tuple[str, object]]:
    match value:
        case msgspec.Struct():
            for field in msgspec.structs.fields(type(value)):
                yield field.encode_name, getattr(value, field.name)
        case Mapping():
            yield from value.items()
        case tuple():
            for i, item in enumerate(value):
                yield f"[{i}]", item
        case _:
            return
