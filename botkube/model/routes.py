"""Who may do what where, as one immutable value. A reload replaces the value, never a part of it."""

from collections.abc import Mapping

import msgspec

from botkube.model.command import Address
from botkube.model.plugin import PluginKey
from botkube.model.rbac import Rbac


class Binding(msgspec.Struct, frozen=True, kw_only=True):
    """One plugin entry of a source or executor group that a channel is bound to."""

    group: str
    key: PluginKey
    enabled: bool
    config: bytes | None = None  # YAML for the plugin; None when the entry has no `config`
    rbac: Rbac | None = None  # whom the plugin is to be towards the cluster


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    """A configured channel: where it is, what it may run, what it is told."""

    address: Address
    target: str  # the delivery target, `<group>-<platform>:<alias>`
    name: str
    bot: str  # how users mention the bot here
    interactive: bool
    muted: bool
    executors: tuple[Binding, ...]
    sources: tuple[Binding, ...]

    def address_in(self, thread: str) -> Address:
        """The address of a thread of this channel ("": the channel itself)."""
        return Address(platform=self.address.platform, channel=self.address.channel, thread=thread)


class Alias(msgspec.Struct, frozen=True, kw_only=True):
    """A user's short name for the beginning of a command."""

    command: str
    display_name: str = ""


class Action(msgspec.Struct, frozen=True, kw_only=True):
    """An automation, as far as it can be listed."""

    enabled: bool
    display_name: str = ""


class Routes(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the engine decides by."""

    cluster: str
    channels: Mapping[tuple[str, str], Channel]  # by (platform, channel)
    aliases: Mapping[str, Alias] = {}
    actions: Mapping[str, Action] = {}
    targets: Mapping[str, tuple[str, ...]] = {}  # source group → delivery targets

    def channel(self, address: Address) -> Channel | None:
        """The configured channel at an address, if there is one."""
        return self.channels.get((address.platform, address.channel))
