"""What can go wrong with a plugin, told so that a person can act on it."""

from botkube.model.errors import FatalError, PeerError


class PluginDown(PeerError):
    """The plugin is parked: calls fail at once until it is retried."""


class PluginFailed(PeerError):
    """One life of the plugin's process is over; the supervisor decides about the next."""


class PluginMissing(FatalError):
    """There is no executable to start."""


class PluginUnusable(FatalError):
    """There is an executable or a directory, and it cannot or must not be used."""
