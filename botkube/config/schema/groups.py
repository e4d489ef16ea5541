"""`sources`, `executors`, `aliases` and `actions`: what there is to bind, and shorthands for it."""

from collections.abc import Mapping
from typing import Annotated, ClassVar

import msgspec

from botkube.config.schema.plugins import WebhookAccess
from botkube.config.schema.values import REST
from botkube.model.rbac import Rbac


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
    """One entry of `sources` or `executors`: every key that is not its own is a plugin key."""

    display_name: str = ""
    plugins: Annotated[Mapping[str, PluginEntry], REST] = {}


class SourceGroup(PluginGroup, frozen=True, kw_only=True, rename="camel"):
    """One entry of `sources`; `incomingWebhook` takes the place of what holds for all sources."""

    incoming_webhook: WebhookAccess = WebhookAccess()


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
