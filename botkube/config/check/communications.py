"""Rules on `communications`: somebody can talk, in channels that have names."""

from collections.abc import Iterator

from botkube.config.problem import Finding, Path, error, warning
from botkube.config.schema.platforms import Playground
from botkube.config.schema.root import Config
from botkube.config.suggest import write_name
from botkube.config.use import connections

_EXAMPLE = "add a group, for example communications: {default: {playground: {enabled: true, …}}}"


def check_communications(config: Config) -> Iterator[Finding]:
    """Check that there is a group, and that each enabled playground has named channels."""
    path = ("communications",)
    if not config.communications:
        yield error(path, "communications must contain at least 1 item", _EXAMPLE)
        return
    if not any(place.connection.enabled for place in connections(config)):
        fix = "set enabled: true below one platform"
        yield warning(path, "no platform is enabled, so nobody can be reached", fix)
    names: dict[str, str] = {}  # one name space for all groups, since users address channels by it
    for name, group in config.communications.items():
        if group.playground.enabled:
            yield from _playground(group.playground, (*path, name, "playground", "channels"), names)


def _playground(playground: Playground, path: Path, names: dict[str, str]) -> Iterator[Finding]:
    if not playground.channels:
        fix = "add a channel, for example channels: {general: {name: general}}"
        yield error(path, "channels is a required field", fix)
    for alias, channel in playground.channels.items():
        place = (*path, alias, "name")
        if not channel.name.strip():
            yield error(place, "name is a required field", write_name(alias))
        elif channel.name in names:
            text = f'is already the name of the channel "{names[channel.name]}"'
            yield error(place, text, "give each channel its own name", channel.name)
        else:
            names[channel.name] = alias
