"""Which plugins are built in, and how one becomes this process. Loads only the one that is asked for."""

from collections.abc import Mapping
from typing import Final, Literal

NAMES: Final[Mapping[str, Literal["executor", "source"]]] = {
    "echo": "executor",
    "heartbeat": "source",
}


def preload() -> None:
    """Import all that any of them needs and use it once, for plugins that are forked from this process."""
    from botkube.builtin import echo, heartbeat  # noqa: F401, PLC0415
    from botkube.sdk.rehearsal import rehearse  # noqa: PLC0415

    rehearse()


def config_class(name: str) -> type:
    """Return the class of a plugin's configuration; only its module is loaded.

    Raises:
        LookupError: there is none of that name.
    """
    match name:
        case "echo":
            from botkube.builtin.echo import EchoConfig  # noqa: PLC0415

            return EchoConfig
        case "heartbeat":
            from botkube.builtin.heartbeat import HeartbeatConfig  # noqa: PLC0415

            return HeartbeatConfig
        case _:
            raise LookupError(name)


def serve(name: str) -> None:
    """Be the named plugin until the host stops it.

    Raises:
        LookupError: there is none of that name.
    """
    match name:  # spelled out, so that a freezer sees the imports
        case "echo":
            from botkube.builtin import echo  # noqa: PLC0415

            echo.main()
        case "heartbeat":
            from botkube.builtin import heartbeat  # noqa: PLC0415

            heartbeat.main()
        case _:
            raise LookupError(
                f"no built-in plugin is called {name!r}; there are: {', '.join(NAMES)}"
            )
