"""A message → what is to be sent to Slack for it. Pure; nothing is cut without a notice, nothing is refused.

What one Slack message cannot hold becomes several, or a message and a file with the whole text.
"""

from collections.abc import Iterator, Mapping

import msgspec

from botkube.bots.slack.drawing.blocks import DIVIDER, Block, context, fields
from botkube.bots.slack.drawing.controls import action_rows, described_buttons, inputs, multi_select
from botkube.bots.slack.drawing.draft import FILE, Draft
from botkube.bots.slack.drawing.escape import bold, code, described, fence, inline
from botkube.bots.slack.drawing.limits import CONTEXT_TEXT, FIELD_TEXT, FIELDS, TEXT, size
from botkube.bots.slack.drawing.pack import POSTS, Post, packed, shortened
from botkube.bots.slack.drawing.when import stamp
from botkube.bots.slack.drawing.whole import whole_text
from botkube.model.command import Reply
from botkube.model.message import BOT_NAME, Body, Message, MessageType, Section, is_empty
from botkube.model.parts import BulletList, TextField


class Outgoing(msgspec.Struct, frozen=True, kw_only=True):
    """A message with what a reply says above it."""

    message: Message
    header: str = ""
    description: str = ""


class File(msgspec.Struct, frozen=True, kw_only=True):
    """A text file to share; the comment is mrkdwn and stands above it."""

    content: str
    name: str = FILE
    comment: str = ""


class Rendered(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be sent. `kept` has to be stored before; the file goes into the thread of the first post, if any."""

    posts: tuple[Post, ...] = ()
    file: File | None = None
    kept: Mapping[str, str] = {}
    notices: tuple[str, ...] = ()  # for the log
    private: bool = False  # only for the user who asked: the file too
    replaces: bool = False
    threaded: bool = False
    to_user: str = ""
    thread: str = ""


def outgoing_of(reply: Reply) -> tuple[Outgoing, ...]:
    """The messages of a reply in their order, each below the same header and description; none if it is silent."""
    messages = () if reply.silent else (reply.message, *reply.messages)
    return tuple(
        Outgoing(message=message, header=reply.header, description=reply.description)
        for message in messages
    )


def render(outgoing: Outgoing, bot: str) -> Rendered:
    """What is to be sent for a message; `bot` is the bot's mention. Nothing at all for an empty or a skipped one."""
    message = outgoing.message
    if is_empty(message) or message.type == MessageType.SKIP:
        return Rendered()
    draft = Draft(bot, private=message.only_visible_for_you)
    posts, comment = _posts(outgoing, draft)
    file = None
    if draft.filed:
        file = File(content=_file_text(outgoing), comment=comment)
    return Rendered(
        posts=posts,
        file=file,
        kept=draft.kept,
        notices=tuple(draft.notices),
        private=message.only_visible_for_you,
        replaces=message.replace_original,
        threaded=message.type == MessageType.THREAD,
        to_user=message.user_handle,
        thread=message.parent_activity_id,
    )


def drawn(message: Message, draft: Draft) -> Iterator[Block]:
    """The blocks of a message, in their order; how many is not looked at."""
    yield from body_blocks(message.base_body, draft)
    for index, part in enumerate(message.sections):
        yield from _section(part, draft)
        if part.style.divider != "none" and index + 1 < len(message.sections):
            yield DIVIDER
    yield from inputs(message.plaintext_inputs, draft)
    sent = stamp(message)
    if sent:
        yield context(sent)


def intro(outgoing: Outgoing, draft: Draft) -> Iterator[Block]:
    """What stands above a message."""
    yield from draft.text(bold(outgoing.header, draft.bot))
    yield from draft.text(described(outgoing.description, draft.bot))


def body_blocks(body: Body, draft: Draft) -> Iterator[Block]:
    """Plain text, then code."""
    yield from draft.text(draft.markup(body.plaintext), body=True)
    lines = body.code_block.strip()
    if "\n" in lines or "`" in lines or size(inline(lines, draft.bot)) > TEXT:
        yield from draft.code(code(lines, draft.bot))
    elif lines:
        yield from draft.text(inline(lines, draft.bot))


def _posts(outgoing: Outgoing, draft: Draft) -> tuple[tuple[Post, ...], str]:
    """The messages, and the comment of the file if it stands for all of them."""
    if _is_body_only(outgoing.message):
        text = _as_text(outgoing, draft)
        if size(text) <= TEXT:
            return ((Post(text=text),) if text.strip() else ()), ""
    blocks = list(drawn(outgoing.message, draft))
    above = list(intro(outgoing, draft))
    if draft.filed and _is_body_only(outgoing.message):
        comment = _comment(outgoing, draft)
        if size(comment) <= TEXT:
            return (), comment
    posts = packed([*above, *blocks])
    if len(posts) > POSTS:
        draft.filed = True
        posts = shortened(posts)
    return posts, ""


def _is_body_only(message: Message) -> bool:
    return not message.sections and not message.plaintext_inputs and not stamp(message)


def _as_text(outgoing: Outgoing, draft: Draft) -> str:
    body = outgoing.message.base_body
    lines = code(body.code_block.strip(), draft.bot)
    parts = (_comment(outgoing, draft), draft.markup(body.plaintext), fence(lines) if lines else "")
    return "\n".join(part for part in parts if part.strip())


def _comment(outgoing: Outgoing, draft: Draft) -> str:
    parts = (bold(outgoing.header, draft.bot), described(outgoing.description, draft.bot))
    return "\n".join(part for part in parts if part)


def _file_text(outgoing: Outgoing) -> str:
    text = whole_text(outgoing.message, outgoing.header, outgoing.description)
    return text.replace(BOT_NAME, "@Botkube")


def _section(part: Section, draft: Draft) -> Iterator[Block]:
    yield from draft.text(bold(part.header, draft.bot))
    yield from draft.text(draft.markup(part.description))
    yield from _fields(part.text_fields, draft)
    yield from body_blocks(part.body, draft)
    yield from inputs(part.plaintext_inputs, draft)
    yield from draft.text("\n".join(_bullets(part.bullet_lists, draft)))
    yield from described_buttons(part.buttons, draft)
    yield from action_rows(part.selects, part.buttons, draft)
    yield from multi_select(part.multi_select, draft)
    for item in part.context:
        text = draft.markup(item.text)
        yield from [context(text)] if 0 < size(text.strip()) <= CONTEXT_TEXT else draft.text(text)


def _fields(items: tuple[TextField, ...], draft: Draft) -> Iterator[Block]:
    row: list[str] = []
    for item in items:
        text = _field(item, draft)
        if size(text) > FIELD_TEXT:
            yield from [fields(row)] if row else []
            row = []
            yield from draft.text(text)
        elif text.strip():
            row.append(text)
        if len(row) == FIELDS:
            yield fields(row)
            row = []
    if row:
        yield fields(row)


def _field(item: TextField, draft: Draft) -> str:
    key, value = draft.markup(" ".join(item.key.split())), draft.markup(item.value)
    return f"*{key}:* {value}" if key else value


def _bullets(lists: tuple[BulletList, ...], draft: Draft) -> Iterator[str]:
    for bullets in lists:
        if bullets.title.strip():
            yield bold(bullets.title, draft.bot)
        for item in bullets.items:
            yield "• " + draft.markup(item).replace("\n", "\n   ")
