"""`sources`, `executors`, `aliases` and `actions`: what there is to bind, and shorthands for it."""

from collections.abc import Mapping
from typing import Annotated, ClassVar

import msgspec

from botkube.config.schema.values import REST


class StaticUser(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """`rbac.user.static`."""

    value: str = ""


class StaticGroup(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """`rbac.group.static`."""

    values: tuple[str, ...] = ()


class UserMapping(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Whom the plugin's kubeconfig impersonates; type is empty, `Static` or `ChannelName`."""

    type: str = ""
    prefix: str = ""
    static: StaticUser = StaticUser()


class GroupMapping(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The groups the plugin's kubeconfig impersonates; type as in UserMapping."""

    type: str = ""
    prefix: str = ""
    static: StaticGroup = StaticGroup()


class ServiceAccount(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The account whose token replaces the agent's in that plugin's kubeconfig."""

    namespace: str = ""
    name: str = ""


class Rbac(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The identity of a plugin towards the cluster."""

    user: UserMapping = UserMapping()
    group: GroupMapping = GroupMapping()
    service_account: ServiceAccount = ServiceAccount()


class PluginContext(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """`context` of a plugin entry."""

    rbac: Rbac | None = None


class PluginEntry(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One plugin of a group; `config` is the plugin's own and stays as it was written."""

    quiet_keys: ClassVar[frozenset[str]] = frozenset({"displayName", "kubeconfig"})
    """Found in many examples, without a meaning."""

    enabled: bool = False
    config: object = None
    context: PluginContext = PluginContext()


class PluginGroup(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One entry of `sources` or `executors`: every key but `displayName` is a plugin key."""

    display_name: str = ""
    plugins: Annotated[Mapping[str, PluginEntry], REST] = {}


class Alias(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A shorthand for the beginning of a command."""

    command: str = ""
    display_name: str = ""


class Bindings(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The groups that a channel, sink or action uses."""

    sources: tuple[str, ...] = ()
    executors: tuple[str, ...] = ()


class Action(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A command that runs when an event of one of its sources arrives."""

    enabled: bool = False
    display_name: str = ""
    command: str = ""
    bindings: Bindings = Bindings()
