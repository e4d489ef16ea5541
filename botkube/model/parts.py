"""The parts of a plugin message, as frozen values in the order and with the names of Botkube's `api.Message` JSON.

Pure data: reading and writing JSON is `botkube.model.message`. Two rules of Go's encoder live in the field
definitions: a nested object is written even when empty (a default factory, which msgspec never omits), every
other zero value is left out.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Final

from msgspec import Meta, Raw, Struct, field

BOT_NAME: Final = "{{BotName}}"
"""Stands for the bot's mention; a command of a button, select or input starts with it."""


class MessageType(StrEnum):
    """How a message is to be treated; a plugin may also send words that are not here."""

    BASE_BODY_WITH_FILTER = "baseBodyWithFilter"
    SINGLE_SECTION_EVENT = "nonInteractiveEventSingleSection"
    FORM = "form"
    THREAD = "threadMessage"
    SKIP = "skipMessage"
    CARD_WITH_SEPARATE_BUTTONS = "basicCardWithButtonsInSeparateMessage"


ZERO_TIME: Final = "0001-01-01T00:00:00Z"
"""Go's zero time: on the wire it means that there is no timestamp."""

Timestamp = Annotated[
    str,
    Meta(
        pattern=r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?"
        r"(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$"
    ),
]
"""RFC 3339 with a zone, kept as text because Go writes nanoseconds."""


class Part(
    Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    forbid_unknown_fields=True,
    rename="camel",
):
    """Base of everything in a message; unknown keys are dropped before they get here."""


class Body(Part, frozen=True):
    """Text; `code_block` keeps its spacing."""

    code_block: str = ""
    plaintext: str = ""


class OptionItem(Part, frozen=True):
    """One choice: what is shown and what is sent."""

    name: str = ""
    value: str = ""


class OptionGroup(Part, frozen=True):
    """Choices under a common heading."""

    name: str = ""
    options: tuple[OptionItem, ...] = ()


class Select(Part, frozen=True):
    """A drop-down; choosing runs `command`, a space and the value. Type: "static" (also "") or "external"."""

    type: str = ""
    name: str = ""
    command: str = ""
    option_groups: tuple[OptionGroup, ...] = ()
    initial_option: OptionItem | None = None


class Selects(Part, frozen=True):
    """Drop-downs of one block; a stable `id` keeps their state while a message is edited."""

    id: str = ""
    items: tuple[Select, ...] = ()


class MultiSelect(Part, frozen=True):
    """A drop-down of several choices; runs `command`, a space and the values with commas between."""

    name: str = ""
    description: Body = field(default_factory=Body)
    command: str = ""
    options: tuple[OptionItem, ...] = ()
    initial_options: tuple[OptionItem, ...] = ()


class Button(Part, frozen=True):
    """Runs `command` or opens `url`. Style: "", "primary", "danger"; description: "bold", "italic", "text", "code"."""

    description: str = ""
    description_style: str = field(
        default_factory=str
    )  # a factory: Go writes this one even if empty
    name: str = ""
    command: str = ""
    url: str = ""
    style: str = ""


class LabelInput(Part, frozen=True):
    """A text input; `command` is followed directly by the text, quoted. `text` is its label."""

    command: str = ""
    text: str = ""
    placeholder: str = ""
    dispatched_action: str = ""


class TextField(Part, frozen=True):
    """A key and its value."""

    key: str = ""
    value: str = ""


class BulletList(Part, frozen=True):
    """A titled list."""

    title: str = ""
    items: tuple[str, ...] = ()


class ContextItem(Part, frozen=True):
    """Small print."""

    text: str = ""


class SectionStyle(Part, frozen=True):
    """Divider "" draws a line after the section, "none" does not."""

    divider: str = ""


class Section(Part, frozen=True):
    """One block of a message."""

    style: SectionStyle = field(default_factory=SectionStyle)
    header: str = ""
    description: str = ""
    body: Body = field(default_factory=Body)
    buttons: tuple[Button, ...] = ()
    multi_select: MultiSelect = field(default_factory=MultiSelect)
    selects: Selects = field(default_factory=Selects)
    plaintext_inputs: tuple[LabelInput, ...] = ()
    text_fields: tuple[TextField, ...] = ()
    bullet_lists: tuple[BulletList, ...] = ()
    context: tuple[ContextItem, ...] = ()


class Message(Part, frozen=True):
    """What a plugin wants people to see; `type` is usually a MessageType."""

    type: str = ""
    base_body: Body = field(default_factory=Body)
    timestamp: Timestamp = field(default_factory=lambda: ZERO_TIME)
    sections: tuple[Section, ...] = ()
    plaintext_inputs: tuple[LabelInput, ...] = ()
    only_visible_for_you: bool = False
    replace_original: bool = False
    user_handle: str = ""
    parent_activity_id: str = ""


class SourceEvent(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="pascal"):
    """What a source plugin reports. The raw object stays JSON text, so that nothing of it is lost."""

    message: Message = field(default_factory=Message)
    raw_object: Raw = field(default_factory=lambda: Raw(b"null"))
    analytics_labels: Mapping[str, object] | None = None
