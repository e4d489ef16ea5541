"""Builds messages and their sections; what they are made of comes from `botkube.sdk.elements`."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final, Literal, TypeAlias

from botkube.model.message import (
    ZERO_TIME,
    Body,
    BulletList,
    Button,
    ContextItem,
    LabelInput,
    Message,
    MessageType,
    MultiSelect,
    Section,
    SectionStyle,
    Selects,
    TextField,
)

Kind: TypeAlias = Literal["", "thread", "form", "single_section"]

_KINDS: Final[Mapping[Kind, str]] = {
    "": "",
    "thread": MessageType.THREAD,
    "form": MessageType.FORM,
    "single_section": MessageType.SINGLE_SECTION_EVENT,
}


def message(  # noqa: PLR0913  # a message has that many parts, all optional and named
    *sections: Section,
    text: str = "",
    code: str = "",
    inputs: Iterable[LabelInput] = (),
    at: datetime | None = None,
    kind: Kind = "",
    ephemeral: bool = False,
    replace: bool = False,
    user_handle: str = "",
    parent_activity_id: str = "",
) -> Message:
    """Return a message of sections, with text or code above them.

    `at` is shown as the time of what is told, and needs a zone. `kind`: a `thread` of its own, a `form` that opens over
    the chat, or the one section that a source sends where there are no buttons. An `ephemeral` message is for the one
    who asked, `replace` puts it in the place of the message whose button was pressed; `parent_activity_id` is the
    message it answers, `user_handle` whom it goes to instead of the channel.

    Raises:
        ValueError: the time has no zone.
    """
    return Message(
        type=_KINDS[kind],
        base_body=Body(code_block=code, plaintext=text),
        timestamp=ZERO_TIME if at is None else _rfc3339(at),
        sections=sections,
        plaintext_inputs=tuple(inputs),
        only_visible_for_you=ephemeral,
        replace_original=replace,
        user_handle=user_handle,
        parent_activity_id=parent_activity_id,
    )


def code_block(text: str, *, filterable: bool = True) -> Message:
    """Return a message of preformatted text; `--filter` works on it if `filterable`."""
    return _body_message(Body(code_block=text), filterable=filterable)


def plaintext(text: str, *, filterable: bool = True) -> Message:
    """Return a message of text; `--filter` works on it if `filterable`."""
    return _body_message(Body(plaintext=text), filterable=filterable)


def skip() -> Message:
    """Return the reply that is not sent: the plugin answers in another way."""
    return Message(type=MessageType.SKIP)


def section(  # noqa: PLR0913  # a section has that many parts, all optional and named
    header: str = "",
    *,
    description: str = "",
    text: str = "",
    code: str = "",
    text_fields: Iterable[TextField] = (),
    bullet_lists: Iterable[BulletList] = (),
    buttons: Iterable[Button] = (),
    multi_select: MultiSelect | None = None,
    selects: Selects | None = None,
    inputs: Iterable[LabelInput] = (),
    context: Iterable[ContextItem] = (),
    divider: bool = True,
) -> Section:
    """Return one block of a message."""
    return Section(
        style=SectionStyle(divider="" if divider else "none"),
        header=header,
        description=description,
        body=Body(code_block=code, plaintext=text),
        buttons=tuple(buttons),
        multi_select=multi_select or MultiSelect(),
        selects=selects or Selects(),
        plaintext_inputs=tuple(inputs),
        text_fields=tuple(text_fields),
        bullet_lists=tuple(bullet_lists),
        context=tuple(context),
    )


def _body_message(body: Body, *, filterable: bool) -> Message:
    return Message(type=MessageType.BASE_BODY_WITH_FILTER if filterable else "", base_body=body)


def _rfc3339(at: datetime) -> str:
    if at.utcoffset() is None:
        raise ValueError(f"the time {at} has no zone: use datetime.now(UTC)")
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
