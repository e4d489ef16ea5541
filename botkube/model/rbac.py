"""Whom a plugin is to be towards the cluster: the `context.rbac` of its entry, and what it amounts to. Pure."""

from typing import Final

import msgspec

STATIC: Final = "Static"
CHANNEL: Final = "ChannelName"
DEFAULT_USER: Final = "botkube-internal-static-user"


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

    @property
    def wanted(self) -> bool:
        """Whether the plugin gets a kubeconfig at all."""
        return bool(self.user.type or self.group.type or self.service_account.name)

    @property
    def by_channel(self) -> bool:
        """Whether the identity depends on the channel that a command comes from."""
        return CHANNEL in {self.user.type, self.group.type}


class Impersonation(msgspec.Struct, frozen=True, kw_only=True):
    """The user and the groups that requests are made as; no user: as whoever holds the credentials."""

    user: str = ""
    groups: tuple[str, ...] = ()


def impersonation(rbac: Rbac, channel: str) -> Impersonation:
    """Say whom a plugin impersonates, as the original does; `channel` is empty for sources."""
    return Impersonation(user=_user(rbac, channel), groups=_groups(rbac.group, channel))


def _user(rbac: Rbac, channel: str) -> str:
    user = rbac.user
    if user.type == STATIC:
        return user.prefix + user.static.value
    if user.type == CHANNEL:
        return user.prefix + channel
    return DEFAULT_USER if rbac.group.type else ""


def _groups(group: GroupMapping, channel: str) -> tuple[str, ...]:
    if group.type == STATIC:
        return tuple(group.prefix + value for value in group.static.values)
    if group.type == CHANNEL:
        return (group.prefix + channel,)
    return ()
