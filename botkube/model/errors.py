"""The errors of the whole program, one screen. Adapters translate foreign errors into these at their edge.

Each carries `reason`, a short closed word used as a metric label and in `/readyz`; the text is for people.
"""

from typing import ClassVar

from botkube.runtime.policy import Fatal


class BotkubeError(Exception):
    """Base of every error this program raises on purpose."""

    reason: ClassVar[str] = "error"


class ConfigError(BotkubeError):
    """The configuration cannot be used; the text names key, value and fix."""

    reason = "config"


class FatalError(BotkubeError, Fatal):
    """Trying again is useless until somebody changes something: the supervisor parks the child at once."""

    reason = "fatal"


class PeerError(BotkubeError):
    """The other side failed in a way that may pass: try again later."""

    reason = "peer"


class AuthError(PeerError):
    """The other side does not take our credentials: until somebody changes them it is asked rarely."""

    reason = "auth"


class PeerRefused(BotkubeError):
    """The other side said no for good: do not try the same thing again."""

    reason = "refused"


class ProtocolError(BotkubeError):
    """The other side broke the protocol."""

    reason = "protocol"


class Overloaded(BotkubeError):
    """A bounded queue is full; the caller is told so and nothing was accepted."""

    reason = "overloaded"


class StorageError(PeerError):
    """The state database did not take a write (full disk, damaged file): nothing of it was stored."""

    reason = "storage"


class PluginRefused(PeerRefused):
    """A plugin answered a call with an error of its own; the text is meant for the user."""

    reason = "plugin"


class PluginUnavailable(PeerError):
    """A plugin is not running, or died while it was asked; the text says which and why."""

    reason = "plugin-down"
