"""Makes limits and sandboxes of plugins true on this system, as far as it can, and says what it cannot.

Each shortcoming is one sentence, told once: in the log at start, and by `config check`.
"""

import logging
import os
from collections.abc import Callable, Iterable, Mapping
from typing import Final, TypeAlias

import msgspec
import trio

from botkube.app.plugins.isolation import BOUNDS, bounds_set, limits_of, sandbox_of
from botkube.config import Config
from botkube.config.schema.isolation import SandboxSettings
from botkube.model.plugin import PluginKey
from botkube.plugins.limits import LIMITS, Limits
from botkube.plugins.means import Means, find_means
from botkube.plugins.processes import is_ours
from botkube.plugins.sandbox import Sandbox
from botkube.plugins.spawn import try_confinement
from botkube.plugins.unpacked import own_unpack_dir, share_unpack_dir
from botkube.plugins.users import AUTO, EXCLUSIVE, NoUser, named_user, own_users, taken_users
from botkube.runtime.cgroup import Bounds, CannotLimit, ControlGroups, divide, find_own
from botkube.runtime.kernel import RealKernel
from botkube.runtime.privileges import User

log = logging.getLogger(__name__)

Division: TypeAlias = tuple[ControlGroups | None, str]

_ROOT_HINT: Final = (
    "plugins run as root: set plugins.sandbox.enabled: true, or run Botkube as another user "
    "(docs/configuration.md)"
)
_TRIAL_USER: Final = User(EXCLUSIVE[-1], EXCLUSIVE[-1])
_NOTHING_WANTED: Final = Means(users=False, view="all", network=False, shortcomings=())


class Isolated(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for one plugin; `refused` says why it cannot be had, so that it must not run."""

    limits: Limits
    sandbox: Sandbox | None = None
    refused: str = ""


class Isolation(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for each plugin, and the control groups if there can be any."""

    plugins: Mapping[PluginKey, Isolated]
    groups: ControlGroups | None


def divide_own() -> Division:
    """Divide the control group that this program is in, or say why that cannot be."""
    try:
        return divide(find_own(), is_ours), ""
    except CannotLimit as error:
        return None, str(error)


async def isolate(
    config: Config,
    plugins: Iterable[PluginKey],
    *,
    hidden: tuple[str, ...],
    salt: str,
    division: Callable[[], Division] = divide_own,
) -> Isolation:
    """Work out what holds for each plugin, divide our control group, and log what cannot be had.

    `hidden` is what no sandbox shows; `salt` tells this instance from others, whose plugins are other users.

    Cancellation: at once.
    """
    keys = tuple(plugins)
    sandboxes = {key: given for key in keys if (given := sandbox_of(config, key)).enabled}
    groups, why_not = await trio.to_thread.run_sync(division)
    means = await _means(sandboxes.values())
    for text in (*_not_kept(bounds_set(config, keys), groups, why_not), *means.shortcomings):
        log.warning(text)
    if hint := _root_hint(some_without=len(sandboxes) < len(keys)):
        log.info(hint)
    if means.users and (unpacked := own_unpack_dir()) is not None:
        await trio.to_thread.run_sync(share_unpack_dir, unpacked)
    own = await trio.to_thread.run_sync(_own_users, sandboxes, means, salt)
    made = {key: _sandbox(key, sandboxes[key], own, means, hidden) for key in sandboxes}
    return Isolation(
        plugins={key: _isolated(limits_of(config, key), made.get(key)) for key in keys},
        groups=groups,
    )


async def look(config: Config, plugins: Iterable[PluginKey]) -> tuple[str, ...]:
    """Say what of the sandbox this system cannot do, and whether plugins run as root."""
    sandboxes = [sandbox_of(config, key) for key in plugins]
    enabled = [sandbox for sandbox in sandboxes if sandbox.enabled]
    means = await _means(enabled)
    hint = _root_hint(some_without=len(enabled) < len(sandboxes))
    return (*means.shortcomings, *filter(None, [hint]))


def _root_hint(*, some_without: bool) -> str:
    return _ROOT_HINT if some_without and os.geteuid() == 0 else ""


def _isolated(limits: Limits, found: Sandbox | str | None) -> Isolated:
    if isinstance(found, str):
        return Isolated(limits=limits, refused=found)
    return Isolated(limits=limits, sandbox=found)


async def _means(sandboxes: Iterable[SandboxSettings]) -> Means:
    wanted = tuple(sandboxes)
    if not wanted:
        return _NOTHING_WANTED
    user = _TRIAL_USER if os.geteuid() == 0 else None
    no_network = not all(sandbox.network for sandbox in wanted)
    return await find_means(RealKernel(), user=user, no_network=no_network, attempt=try_confinement)


def _own_users(
    sandboxes: Mapping[PluginKey, SandboxSettings], means: Means, salt: str
) -> Mapping[str, User]:
    if not means.users:
        return {}
    automatic = [_name(key) for key, sandbox in sandboxes.items() if sandbox.user == AUTO]
    return own_users(automatic, salt, taken_users())


def _name(key: PluginKey) -> str:
    return f"{key.kind}/{key}"


def _sandbox(
    key: PluginKey,
    given: SandboxSettings,
    own: Mapping[str, User],
    means: Means,
    hidden: tuple[str, ...],
) -> Sandbox | str:
    """Make the sandbox of one plugin; a text says why there can be none."""
    user = None
    if means.users:
        try:
            user = own.get(_name(key)) if given.user == AUTO else named_user(given.user or "")
        except NoUser as error:
            return f"plugins.sandbox.user: {error}"
        if user is None:
            return f"no user is left for it: {EXCLUSIVE[0]} to {EXCLUSIVE[-1]} are all in use"
    return Sandbox(
        user=user,
        view=means.view,
        readable=given.readable or (),
        writable=given.writable or (),
        hidden=hidden,
        network=given.network is not False or not means.network,
    )


def _not_kept(
    wanted: frozenset[str], groups: ControlGroups | None, why_not: str
) -> tuple[str, ...]:
    bounds = Bounds(cpus=1.0, memory=1, processes=1)
    lacking = BOUNDS if groups is None else groups.lacking(bounds)
    missing = [f"{LIMITS}.{name}" for name in BOUNDS if name in wanted and name in lacking]
    if not missing:
        return ()
    why = why_not or "cgroup v2 lacks the controller for it here"
    text = f"not kept: {', '.join(missing)}, as this needs a cgroup v2 of our own: {why}"
    return (f"{text}; run Botkube as a service with Delegate=yes, like build/botkube.service",)
