"""The plugins of a channel: how they are, as a table shows it, and which one a user means."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from botkube.engine.commands import texts
from botkube.model.call import PluginStatus
from botkube.model.plugin import PluginKey
from botkube.model.routes import Binding, Channel
from botkube.runtime.duration import show_duration

RUNNING = "Running"


class Listed(NamedTuple):
    """One plugin of a channel, and how it is."""

    binding: Binding
    status: PluginStatus

    def row(self, *between: str) -> tuple[str, ...]:
        """A line of the table."""
        status = self.status
        return (
            str(self.binding.key),
            str(self.binding.enabled).lower(),
            *between,
            f"{status.restarts}/{status.threshold}",
            status.status,
            status.last_restart,
        )

    @property
    def rank(self) -> tuple[bool, bool]:
        """Which of several groups speaks for a plugin: an enabled one, and one where it does not work."""
        return self.binding.enabled, self.status.status != RUNNING


def listed(bindings: Sequence[Binding], read: Callable[[Binding], PluginStatus]) -> list[Listed]:
    """Each plugin once, by the group that says most about it."""
    found: dict[PluginKey, Listed] = {}
    for binding in bindings:
        item = Listed(binding, read(binding))
        earlier = found.get(binding.key)
        if earlier is None or item.rank > earlier.rank:
            found[binding.key] = item
    return list(found.values())


def reasons(bindings: Sequence[Binding], read: Callable[[Binding], PluginStatus]) -> str:
    """Why plugins do not work, for below the table; each reason once."""
    states = [(binding, read(binding)) for binding in bindings if binding.enabled]
    lines = [f"{b.key}: {_reason(status)}" for b, status in states if status.reason]
    return "\n\n" + "\n".join(dict.fromkeys(lines)) if lines else ""


def _reason(status: PluginStatus) -> str:
    line = " ".join(status.reason.split())
    if status.retry_in is None:
        return line
    return f"{line} (tried again in {show_duration(status.retry_in)})"


def find_plugin(channel: Channel, wanted: str) -> Binding | str:
    """The plugin of a channel that is meant by its key or name, or a sentence that says why none is."""
    bound = {b.key: b for b in (*channel.executors, *channel.sources) if b.enabled}
    matching = [key for key in bound if wanted in _names(key)]
    if len(matching) == 1:
        return bound[matching[0]]
    if not bound:
        return texts.NO_PLUGIN
    texts_of = [str(key) for key in bound]
    names = ", ".join(
        sorted(
            str(key) if texts_of.count(str(key)) == 1 else f"{key.kind}/{key}"
            for key in matching or bound
        )
    )
    if matching:
        return texts.SEVERAL_PLUGINS.format(wanted=wanted, names=names)
    if wanted:
        return texts.UNKNOWN_PLUGIN.format(wanted=wanted, names=names)
    return texts.WHICH_PLUGIN.format(names=names)


def _names(key: PluginKey) -> tuple[str, ...]:
    return str(key), key.name, f"{key.kind}/{key}"
