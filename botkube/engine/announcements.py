"""The words of what is announced in the channels by itself. Pure. The texts are the original's."""

from typing import Final

from botkube.engine.commands.texts import help_message
from botkube.model.command import Reply
from botkube.model.message import Body, Message
from botkube.model.replies import plain
from botkube.model.routes import Channel

ACTIVE: Final = '🚀 Botkube instance "{cluster}" is now active.'
BEGINS: Final = "My watch begins for cluster '{cluster}'! :crossed_swords:"
ENDED: Final = "My watch has ended for cluster '{cluster}'. See you soon!"


def first_help(channel: Channel, cluster: str) -> Reply:
    """What a channel is told at the first start with its platform."""
    return Reply(header=ACTIVE.format(cluster=cluster), message=help_message(channel))


def watch_begins(cluster: str) -> Reply:
    """What is told when everything is up."""
    return plain(BEGINS.format(cluster=cluster))


def watch_ended(cluster: str) -> Message:
    """What is told at an orderly stop."""
    return Message(base_body=Body(plaintext=ENDED.format(cluster=cluster)))
