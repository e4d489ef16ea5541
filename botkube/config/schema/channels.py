"""The channel objects that chat platforms share."""

from collections.abc import Mapping

import msgspec

from botkube.config.schema.groups import Bindings


class Notification(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Whether events are posted from the start."""

    disabled: bool = False


class Constraints(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Regular expressions (RE2): exclude is looked at first, an empty include allows nothing."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


class TriggerUsers(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """`messageTriggers[].users`: entries are `ID` or `ID:label`."""

    exclude: tuple[str, ...] = ()


class MessageTrigger(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A command run for messages that do not mention the bot."""

    event: str = ""
    text: Constraints = Constraints()
    users: TriggerUsers = TriggerUsers()
    command: str = ""
    executors: tuple[str, ...] = ()
    processed_emoji_indicator: str | None = None


class Channel(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A channel addressed by its name."""

    name: str = ""
    notification: Notification = Notification()
    bindings: Bindings = Bindings()


class TriggerChannel(Channel, frozen=True, kw_only=True, rename="camel"):
    """A channel by name that may also have message triggers."""

    message_triggers: tuple[MessageTrigger, ...] = ()


class CloudChannel(TriggerChannel, frozen=True, kw_only=True, rename="camel"):
    """A channel of Cloud Slack; `alias` is the public name of a private channel."""

    channel_id: str = msgspec.field(name="channelID", default="")
    alias: str = ""


class ChannelByID(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A channel addressed by its id."""

    id: str = ""
    notification: Notification = Notification()
    bindings: Bindings = Bindings()


class Team(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A team of Microsoft Teams with its channels."""

    id: str = ""
    channels: Mapping[str, ChannelByID] = {}
