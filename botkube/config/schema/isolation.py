"""`plugins.limits`, `plugins.sandbox` and `plugins.overrides`. What is None is not set, here or for one plugin."""

from typing import TypeVar

import msgspec

from botkube.config.schema.values import Number, Size

S = TypeVar("S", bound=msgspec.Struct)


class LimitSettings(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How much one plugin may take."""

    cpus: Number | None = None
    memory: Size | None = None
    processes: int | None = None
    open_files: int | None = None
    max_message: Size | None = None
    stdio_rate: Size | None = None


class SandboxSettings(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What is left to a plugin; `user` is `auto`, a name, or UID:GID."""

    enabled: bool | None = None
    user: str | None = None
    readable: tuple[str, ...] | None = None
    writable: tuple[str, ...] | None = None
    network: bool | None = None


class Override(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What differs for one plugin."""

    limits: LimitSettings = LimitSettings()
    sandbox: SandboxSettings = SandboxSettings()


def overlaid(general: S, special: msgspec.Struct) -> S:
    """Give the general settings with what the special ones set; those have no other fields."""
    given = {name: getattr(special, name) for name in special.__struct_fields__}
    return msgspec.structs.replace(general, **{n: v for n, v in given.items() if v is not None})
