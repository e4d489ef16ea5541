"""What this system can do for a sandbox: found by trying, and told in sentences where it falls short.

Trying is done by the launcher on itself, so what is found is what a plugin will get.
"""

from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

import msgspec

from botkube.plugins.confine import Confinement, View
from botkube.runtime.kernel import Kernel
from botkube.runtime.landlock import lacking, version
from botkube.runtime.privileges import User

# Confines a process, ends it, and gives what went wrong or "".
Try: TypeAlias = Callable[[Confinement], Awaitable[str]]

_ANYWHERE: Final = "/etc"  # any directory that everybody may enter
_NOT_ROOT: Final = (
    "plugins keep the user of Botkube, as only root can give them others: "
    "the sockets of one plugin are not out of another's reach"
)


class Means(msgspec.Struct, frozen=True, kw_only=True):
    """What there is, and what is wanted and cannot be had."""

    users: bool
    view: View
    network: bool  # whether it can be taken away
    shortcomings: tuple[str, ...]


async def find_means(kernel: Kernel, *, user: User | None, no_network: bool, attempt: Try) -> Means:
    """Find out what works, trying with that user; None: we are not root, so there can be no other.

    Cancellation: ends what is being tried.
    """
    said: list[str] = []
    user = await _user(user, attempt, said)
    base = Confinement(directory=_ANYWHERE, user=user)
    view = await _view(kernel, base, attempt, said)
    network = no_network and await _no_network(base, attempt, said)
    return Means(
        users=user is not None,
        view=view,
        network=network,
        shortcomings=tuple(f"sandbox: {text}" for text in said),
    )


async def _user(user: User | None, attempt: Try, said: list[str]) -> User | None:
    if user is None:
        said.append(_NOT_ROOT)
        return None
    why = await attempt(Confinement(directory=_ANYWHERE, user=user))
    if why:
        said.append(f"plugins stay root, though without its capabilities: the launcher {why}")
    return None if why else user


async def _view(kernel: Kernel, base: Confinement, attempt: Try, said: list[str]) -> View:
    missing = lacking(kernel)
    if _has_landlock(kernel):
        why = await attempt(msgspec.structs.replace(base, view="landlock"))
        if not why:
            said.extend(f"with the Landlock of this kernel {text}" for text in missing)
            return "landlock"
        missing = (f"Landlock cannot be used here, the launcher {why}",)
    why = await attempt(msgspec.structs.replace(base, view="mounts"))
    if not why:
        said.extend(f"{text}; plugins get mounts of their own instead" for text in missing)
        return "mounts"
    rest = "plugins can read and write whatever their user may"
    said.extend(
        f"{text}, and mounts of their own are refused, the launcher {why}; {rest}"
        for text in missing
    )
    return "all"


def _has_landlock(kernel: Kernel) -> bool:
    try:
        return version(kernel) > 0
    except OSError:
        return False


async def _no_network(base: Confinement, attempt: Try, said: list[str]) -> bool:
    if why := await attempt(msgspec.structs.replace(base, network=False)):
        said.append(f"plugins keep the network in spite of network: false, the launcher {why}")
        return False
    return True
