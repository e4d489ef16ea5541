"""A form → the view of a modal. Pure."""

from collections.abc import Mapping
from typing import Final

import msgspec

from botkube.bots.slack.drawing.blocks import Block, plain
from botkube.bots.slack.drawing.draft import Draft
from botkube.bots.slack.drawing.escape import bold, described, label
from botkube.bots.slack.drawing.limits import METADATA, MODAL_BLOCKS, TITLE, size
from botkube.bots.slack.drawing.render import Outgoing, drawn
from botkube.model.message import MessageType, is_empty

_TITLE: Final = "Botkube"


class Modal(msgspec.Struct, frozen=True, kw_only=True):
    """A view, and what has to be stored before it is opened."""

    view: Block
    kept: Mapping[str, str] = {}


def modal(outgoing: Outgoing, bot: str, metadata: str) -> Modal | None:
    """The view of a form; none if it is no form or has more than a modal can hold: then it is sent as a message."""
    message = outgoing.message
    if message.type != MessageType.FORM or is_empty(message) or size(metadata) > METADATA:
        return None
    draft = Draft(bot, private=True)
    header = " ".join(draft.spoken(outgoing.header).split())
    title = label(header, TITLE)
    blocks: list[Block] = []
    if title != header:
        blocks += draft.text(bold(outgoing.header, bot))
    blocks += draft.text(described(outgoing.description, bot))
    blocks += drawn(message, draft)
    if len(blocks) > MODAL_BLOCKS or not blocks:
        return None
    view = {
        "type": "modal",
        "title": plain(title or _TITLE),
        "submit": plain("Apply"),
        "close": plain("Cancel"),
        "private_metadata": metadata,
        "blocks": blocks,
    }
    return Modal(view=view, kept=draft.kept)
