"""Buttons, selects and inputs of a section → blocks. Pure.

A label that is too long is cut and stands in full beside its element; an element that Slack would refuse, such as a
link that is none, becomes text.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from botkube.bots.slack.drawing import choices
from botkube.bots.slack.drawing.blocks import Block, actions, plain, section
from botkube.bots.slack.drawing.draft import Draft
from botkube.bots.slack.drawing.escape import bold, fence, inline, label
from botkube.bots.slack.drawing.escape import code as escaped_code
from botkube.bots.slack.drawing.limits import (
    ACTIONS,
    BUTTON_TEXT,
    BUTTON_VALUE,
    LABEL,
    PLACEHOLDER,
    TEXT,
    URL,
    size,
)
from botkube.bots.slack.drawing.links import short
from botkube.model.message import BOT_NAME, Body, Button, LabelInput, MultiSelect, Select, Selects

_LINK: Final = re.compile(
    r"https?://[\w.:@\[\]-]+([/?#][!#-;=?-\[\]_a-z~]*)?", re.ASCII | re.IGNORECASE
)
_STYLES: Final = frozenset({"primary", "danger"})
_TRIGGERS: Final = frozenset({"on_enter_pressed", "on_character_entered"})
_INPUT: Final = "Input"
_CHOOSE: Final = "Choose"
_BUTTON: Final = "Button"


def described_buttons(buttons: Iterable[Button], draft: Draft) -> Iterator[Block]:
    """Buttons that have a text beside them, and links that can only be text."""
    for button in buttons:
        text = "\n".join(_beside(button, draft))
        if _is_text(button):
            yield from draft.text(
                "\n".join(part for part in (text, _as_text(button, draft)) if part)
            )
        elif text and size(text) <= TEXT:
            yield section(text, _button(button, draft))
        elif text:
            yield from draft.text(text)
            yield actions([_button(button, draft)])


def action_rows(selects: Selects, buttons: Iterable[Button], draft: Draft) -> Iterator[Block]:
    """Selects and the buttons without a text, as many to a row as Slack allows; then what had no room in them."""
    beside: list[str] = []
    rows: list[tuple[str, list[Block]]] = []
    for item in selects.items:
        if not rows or len(rows[-1][1]) == ACTIONS:
            rows.append((_row_id(selects, draft), []))
        block_id, row = rows[-1]
        drawn = choices.select(item, draft, block_id, [str(one["action_id"]) for one in row])
        beside += drawn.beside
        if drawn.element is not None:
            row.append(drawn.element)
    for button in buttons:
        if _is_plain(button, draft):
            if not rows or len(rows[-1][1]) == ACTIONS:
                rows.append(("", []))
            rows[-1][1].append(_button(button, draft))
    yield from (actions(row, block_id) for block_id, row in rows if row)
    yield from _full_names(beside, draft)


def multi_select(item: MultiSelect, draft: Draft) -> Iterator[Block]:
    """A multi-select beside its description."""
    text = "\n".join(_body(item.description, draft))
    many = choices.must_search(item.options)
    block_id = draft.block_id(f"options:{short(item.command, str(draft.serial()))}") if many else ""
    drawn = choices.multi_select(item, draft, block_id)
    if size(text) > TEXT or drawn.element is None:
        yield from draft.text(text)
        text = ""
    if drawn.element is not None:
        text = text or draft.markup(label(item.name, PLACEHOLDER)) or _CHOOSE
        yield section(text, drawn.element, block_id)
    yield from _full_names(drawn.beside, draft)


def inputs(items: Iterable[LabelInput], draft: Draft) -> Iterator[Block]:
    """Fields to type in; block and action are both named by the command."""
    for item in items:
        command = draft.named(item.command)
        element: dict[str, object] = {"type": "plain_text_input"}
        block: dict[str, object] = {"type": "input", "element": element}
        if command:
            block["block_id"] = draft.block_id(command)
            element["action_id"] = draft.held(command)
        if item.dispatched_action in _TRIGGERS:
            block["dispatch_action"] = True
            trigger = {"trigger_actions_on": [item.dispatched_action]}
            element["dispatch_action_config"] = trigger
        name = " ".join(draft.spoken(item.text).split())
        hint = " ".join(draft.spoken(item.placeholder).split())
        block["label"] = plain(label(name, LABEL) or _INPUT)
        if hint:
            element["placeholder"] = plain(label(hint, PLACEHOLDER))
        cut = [
            whole
            for whole, limit in ((name, LABEL), (hint, PLACEHOLDER))
            if whole != label(whole, limit)
        ]
        yield from _full_names(cut, draft)
        yield block


def _beside(button: Button, draft: Draft) -> Iterator[str]:
    """What is to be read beside a button: its description, and a name that had to be cut."""
    if button.description.strip():
        yield _described(button, draft)
    name = " ".join(draft.spoken(button.name).split())
    if name != label(name, BUTTON_TEXT):
        yield draft.markup(button.name)


def _described(button: Button, draft: Draft) -> str:
    text = button.description.strip()
    match button.description_style:
        case "bold":
            return bold(text, draft.bot)
        case "italic":
            return f"_{draft.markup(text)}_"
        case "text":
            return draft.markup(text)
        case _:
            shown = inline(text, draft.bot)
            return shown if size(shown) <= TEXT else draft.markup(text)


def _is_text(button: Button) -> bool:
    """A link that Slack would refuse."""
    url = button.url
    return bool(url) and not (_LINK.fullmatch(url) and size(url) <= URL)


def _as_text(button: Button, draft: Draft) -> str:
    name = button.name.strip() or _BUTTON
    lines = [draft.markup(f"{name}: {button.url}")]
    if button.command:
        lines.append(inline(button.command, draft.bot))
    return "\n".join(lines)


def _is_plain(button: Button, draft: Draft) -> bool:
    return not _is_text(button) and not any(_beside(button, draft))


def _button(button: Button, draft: Draft) -> Block:
    command = draft.named(button.command)
    name = button.name.strip() or button.command.replace(BOT_NAME, "") or button.url
    block: dict[str, object] = {
        "type": "button",
        "text": plain(label(draft.spoken(name), BUTTON_TEXT) or _BUTTON),
        "action_id": f"{_kind(button)}:{short(button.url or command)}:{draft.serial()}",
    }
    if button.url:
        block["url"] = button.url
    elif command:
        block["value"] = draft.held(command, BUTTON_VALUE)
    if button.style in _STYLES:
        block["style"] = button.style
    return block


def _kind(button: Button) -> str:
    if button.url:
        return "url"
    return "cmd" if button.command else "none"


def _row_id(selects: Selects, draft: Draft) -> str:
    """The plugin's id, which keeps what is chosen; searches need one too."""
    if selects.id or not any(_needs_id(item) for item in selects.items):
        return draft.block_id(selects.id)
    return draft.block_id(
        f"options:{short(str(draft.serial()), *(one.command for one in selects.items))}"
    )


def _needs_id(item: Select) -> bool:
    options = [option for group in item.option_groups for option in group.options]
    return item.type == "external" or choices.must_search(options)


def _body(body: Body, draft: Draft) -> Iterator[str]:
    if body.plaintext.strip():
        yield draft.markup(body.plaintext)
    code = body.code_block.strip()
    if "\n" in code:
        yield fence(escaped_code(code, draft.bot))
    elif code:
        yield inline(code, draft.bot)


def _full_names(names: Sequence[str], draft: Draft) -> Iterator[Block]:
    """Names that were cut, in full."""
    lines = [draft.markup(f"• {name}") for name in names if name]
    if lines:
        yield from draft.text("\n".join(lines))
