"""A message as text, for terminals, logs and platforms without rich messages. Pure; drops nothing but inputs."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from msgspec import Struct

from botkube.model.parts import (
    ZERO_TIME,
    Body,
    Button,
    Message,
    MultiSelect,
    Section,
    Select,
    TextField,
)


class Marks(Struct, frozen=True, kw_only=True):
    """What is put around emphasised text, code within a line, and lines of code."""

    bold: str = ""
    code: str = ""
    fence: str = ""


PLAIN: Final = Marks()
MARKDOWN: Final = Marks(bold="**", code="`", fence="```")


def plain_text(message: Message, marks: Marks = PLAIN) -> str:
    """Render the message line by line, without a newline at the end; inputs have no text form."""
    lines = list(_body_lines(message.base_body, marks))
    for section in message.sections:
        if lines:
            lines.append("")
        lines.extend(_section_lines(section, marks))
    sent = sent_at(message)
    if sent is not None:
        lines += ["", datetime.fromtimestamp(sent, UTC).strftime("%a, %d %b %Y %H:%M:%S UTC")]
    return "\n".join(lines)


def sent_at(message: Message) -> float | None:
    """Return the message's own time in seconds of the epoch; none if it has none, or an impossible one."""
    if message.timestamp == ZERO_TIME:
        return None
    try:
        return datetime.fromisoformat(message.timestamp).timestamp()
    except (ValueError, OverflowError):
        return None


def _section_lines(section: Section, marks: Marks) -> Iterator[str]:
    if section.header:
        yield _bold(section.header, marks)
    yield from _field_lines(section.text_fields, marks)
    if section.description:
        yield section.description
    yield from _body_lines(section.body, marks)
    for bullets in section.bullet_lists:
        yield from ("", bullets.title)
        yield from (f" • {item}" for item in bullets.items)
    yield from _multi_select_lines(section.multi_select, marks)
    yield from _select_lines(section.selects.items, marks)
    for button in section.buttons:
        yield from _button_lines(button, marks)
    yield from (item.text for item in section.context)


def _body_lines(body: Body, marks: Marks) -> Iterator[str]:
    if body.plaintext:
        yield body.plaintext
    code = body.code_block.strip()
    if code:
        yield f"{marks.fence}\n{code}\n{marks.fence}" if marks.fence else code


def _field_lines(fields: tuple[TextField, ...], marks: Marks) -> Iterator[str]:
    if fields:
        yield _bold("Fields", marks)
        yield from (f" • {_bold(field.key, marks)}: {field.value}" for field in fields)
        yield ""


def _multi_select_lines(select: MultiSelect, marks: Marks) -> Iterator[str]:
    if not select.options:
        return
    if select.description.plaintext:
        yield select.description.plaintext
    if select.description.code_block:
        yield _code(select.description.code_block, marks)
    yield from ("", _bold("Available options", marks))
    yield from (f" • {_code(option.value, marks)}" for option in select.options)


def _select_lines(selects: tuple[Select, ...], marks: Marks) -> Iterator[str]:
    if selects:
        yield from ("", _bold("Available options", marks))
    for group in (group for select in selects for group in select.option_groups):
        yield f" • {group.name}"
        yield from (f"     • {_code(option.value, marks)}" for option in group.options)


def _button_lines(button: Button, marks: Marks) -> Iterator[str]:
    if button.description:
        yield _bold(button.description, marks)
    if button.url:
        yield f"{button.name}: {button.url}"
    elif button.command:
        yield f"  • {_code(button.command, marks)}"


def _bold(text: str, marks: Marks) -> str:
    return f"{marks.bold}{text}{marks.bold}"


def _code(text: str, marks: Marks) -> str:
    """Lines of code cannot stand between inline marks."""
    if "\n" in text and marks.fence:
        return f"{marks.fence}\n{text.strip()}\n{marks.fence}"
    return f"{marks.code}{text}{marks.code}"
