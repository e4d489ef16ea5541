"""Configuration → the channels of the chat platforms, and what belongs to them. Pure."""

from collections.abc import Iterator

import msgspec

from botkube.bots.slack.hearing.triggers import Room, Trigger, excluded_users
from botkube.config import Config
from botkube.config.bindings import group_bindings
from botkube.config.schema.channels import Channel as Configured
from botkube.config.schema.channels import MessageTrigger
from botkube.config.schema.platforms import SocketSlack
from botkube.model.command import Address
from botkube.model.errors import ConfigError
from botkube.model.routes import Channel
from botkube.model.slackname import slack_name

BOT = "@Botkube"


class SlackPlatform(msgspec.Struct, frozen=True, kw_only=True):
    """Slack as one group has it."""

    name: str  # `<group>-socketSlack`
    config: SocketSlack
    rooms: dict[str, Room]  # by the channels' names

    @property
    def channels(self) -> tuple[Channel, ...]:
        """Its channels."""
        return tuple(room.channel for room in self.rooms.values())

    @property
    def answering(self) -> tuple[Channel, ...]:
        """Where commands run: its channels, and for each trigger the channel with what the trigger may use."""
        triggers = (trigger for room in self.rooms.values() for trigger in room.triggers)
        return (*self.channels, *(trigger.channel for trigger in triggers))


def playground_channels(config: Config) -> dict[str, Channel]:
    """The channels of all playgrounds, by name.

    Raises:
        ConfigError: two playgrounds use the same channel name.
    """
    found: dict[str, Channel] = {}
    for group, communications in config.communications.items():
        playground = communications.playground
        for alias, channel in playground.channels.items() if playground.enabled else ():
            if channel.name in found:
                raise ConfigError(
                    f"communications.{group}.playground.channels.{alias}.name: {channel.name!r} "
                    "is the name of another playground channel; all groups share one page, "
                    "give it another name"
                )
            found[channel.name] = _channel(config, f"{group}-playground", alias, channel)
    return found


def slack_platforms(config: Config) -> Iterator[SlackPlatform]:
    """Slack of every group that has it."""
    for group, communications in config.communications.items():
        slack = communications.socket_slack
        if slack.enabled:
            name = f"{group}-socketSlack"
            rooms = {
                slack_name(configured.name): Room(
                    channel=channel,
                    triggers=tuple(_triggers(config, channel, configured.message_triggers)),
                )
                for alias, configured in slack.channels.items()
                for channel in [_channel(config, name, alias, configured)]
            }
            yield SlackPlatform(name=name, config=slack, rooms=rooms)


def _channel(config: Config, platform: str, alias: str, channel: Configured) -> Channel:
    name = slack_name(channel.name) if platform.endswith("-socketSlack") else channel.name
    return Channel(
        address=Address(platform=platform, channel=name),
        target=f"{platform}:{alias}",
        name=name,
        bot=BOT,
        interactive=True,
        muted=channel.notification.disabled,
        executors=group_bindings(config, "executor", channel.bindings.executors),
        sources=group_bindings(config, "source", channel.bindings.sources),
    )


def _triggers(
    config: Config, channel: Channel, given: tuple[MessageTrigger, ...]
) -> Iterator[Trigger]:
    """A trigger's commands run in a channel of their own, beside the real one: it has other executors."""
    for number, item in enumerate(given):
        key = f"{channel.name} (trigger {number + 1})"
        done = item.processed_emoji_indicator
        trigger = Trigger(
            channel=msgspec.structs.replace(
                channel,
                address=msgspec.structs.replace(channel.address, channel=key),
                executors=group_bindings(config, "executor", item.executors),
                sources=(),
            ),
            command=item.command,
            include=item.text.include,
            exclude=item.text.exclude,
            users=excluded_users(item.users.exclude),
        )
        yield trigger if done is None else msgspec.structs.replace(trigger, done=done.strip(":"))
