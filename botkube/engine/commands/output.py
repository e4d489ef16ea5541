"""Command results → replies: header, filter, filter input, the placeholder for nothing. Pure."""

from typing import Final

import msgspec

from botkube.engine.commands.parse import Parsed
from botkube.model.command import Incoming, Origin, Reply
from botkube.model.message import (
    BOT_NAME,
    Body,
    LabelInput,
    Message,
    MessageType,
    is_empty,
)
from botkube.model.replies import plain

EMPTY: Final = ".... empty response _*<cricket sounds>*_ :cricket: :cricket: :cricket:"
FILTER_LINES: Final = 16  # from this many lines on a reply offers a filter


def describe(parsed: Parsed, incoming: Incoming, cluster: str) -> str:
    """The line above a reply: what was run, where, and for whom when it was not typed."""
    shown = parsed.header or f"`{parsed.shown}`"
    by = ""
    if incoming.origin is not Origin.TYPED and incoming.user.mention:
        by = f" by {incoming.user.mention}"
    return f"{shown} on `{cluster}`{by}"


def present(
    message: Message, messages: tuple[Message, ...], parsed: Parsed, description: str
) -> Reply:
    """What a plugin or built-in returned, as the user sees it."""
    if _skips(message) and all(_skips(item) for item in messages):
        return Reply(silent=True)
    if is_empty(message) and all(is_empty(item) for item in messages):
        return plain(EMPTY, description)
    if message.type == MessageType.BASE_BODY_WITH_FILTER:
        return filterable(message, parsed, description)
    shown = "" if message.only_visible_for_you else description
    return Reply(message=message, messages=messages, description=shown)


def filterable(message: Message, parsed: Parsed, description: str) -> Reply:
    """A reply of text only, filtered if asked, with a filter input when it is long."""
    body = message.base_body
    if parsed.filter:
        body = Body(
            code_block=_matching(body.code_block, parsed.filter),
            plaintext=_matching(body.plaintext, parsed.filter),
        )
    if not body.code_block and not body.plaintext:
        return plain(EMPTY, description)
    lines = max(body.code_block.count("\n"), body.plaintext.count("\n")) + 1
    inputs = (_filter_input(parsed.text),) if lines >= FILTER_LINES else ()
    shown = msgspec.structs.replace(message, base_body=body, sections=(), plaintext_inputs=inputs)
    return Reply(message=shown, description=description)


def _skips(message: Message) -> bool:
    return message.type == MessageType.SKIP


def _matching(text: str, wanted: str) -> str:
    return "\n".join(line for line in text.splitlines() if wanted in line)


def _filter_input(command: str) -> LabelInput:
    return LabelInput(
        command=f"{BOT_NAME} {command} --filter=",
        text="Filter output",
        placeholder="String pattern to filter by",
        dispatched_action="on_enter_pressed",
    )
