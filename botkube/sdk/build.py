"""Builds messages. Commands get the bot's mention in front, without which a host ignores the interaction."""

from collections.abc import Iterable, Mapping
from typing import Literal, TypeAlias

from botkube.model.message import (
    BOT_NAME,
    Body,
    BulletList,
    Button,
    ContextItem,
    LabelInput,
    Message,
    MessageType,
    MultiSelect,
    OptionGroup,
    OptionItem,
    Section,
    SectionStyle,
    Select,
    Selects,
    TextField,
)

ButtonStyle: TypeAlias = Literal["", "primary", "danger"]
DescriptionStyle: TypeAlias = Literal["", "bold", "italic", "text", "code"]
Choices: TypeAlias = Mapping[str, str] | Iterable[str]
"""What is shown → what is sent; plain texts are both."""


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


def button(
    name: str,
    *,
    command: str,
    style: ButtonStyle = "",
    description: str = "",
    description_style: DescriptionStyle = "",
    show_command: bool = False,
) -> Button:
    """Return a button that runs a command; `show_command` puts the command beside it instead of a description."""
    command = with_mention(command)
    return Button(
        name=name,
        command=command,
        style=style,
        description=command if show_command else description,
        description_style="code" if show_command else description_style,
    )


def url_button(name: str, url: str, *, style: ButtonStyle = "", description: str = "") -> Button:
    """Return a button that opens a page."""
    return Button(name=name, url=url, style=style, description=description)


def select(
    name: str,
    *,
    command: str,
    options: Choices = (),
    groups: Mapping[str, Choices] | None = None,
    initial: tuple[str, str] | None = None,
) -> Select:
    """Return a drop-down; a choice runs the command, a space and the value. `initial` is (shown, sent)."""
    named = groups if groups is not None else {name: options}
    return Select(
        type="static",
        name=name,
        command=with_mention(command),
        option_groups=tuple(
            OptionGroup(name=title, options=_options(items)) for title, items in named.items()
        ),
        initial_option=OptionItem(name=initial[0], value=initial[1]) if initial else None,
    )


def selects(block: str, *items: Select) -> Selects:
    """Put drop-downs side by side; the same `block` id keeps what is chosen while the message is edited."""
    return Selects(id=block, items=items)


def multi_select(
    name: str, *, command: str, options: Choices, initial: Choices = (), description: str = ""
) -> MultiSelect:
    """Return a drop-down of several choices; runs the command, a space and the values with commas between."""
    return MultiSelect(
        name=name,
        command=with_mention(command),
        description=Body(plaintext=description),
        options=_options(options),
        initial_options=_options(initial),
    )


def text_input(
    label: str,
    *,
    command: str,
    placeholder: str = "",
    on: Literal["", "enter", "character"] = "enter",
) -> LabelInput:
    """Return a text field; the quoted text follows the command directly, so end it with a space or `--flag=`."""
    action = {"": "", "enter": "on_enter_pressed", "character": "on_character_entered"}[on]
    return LabelInput(
        text=label, command=with_mention(command), placeholder=placeholder, dispatched_action=action
    )


def fields(values: Mapping[str, object]) -> tuple[TextField, ...]:
    """Return keys with their values, as text."""
    return tuple(TextField(key=key, value=str(value)) for key, value in values.items())


def bullet_list(title: str, items: Iterable[str]) -> BulletList:
    """Return a titled list."""
    return BulletList(title=title, items=tuple(items))


def context(*texts: str) -> tuple[ContextItem, ...]:
    """Return small print."""
    return tuple(ContextItem(text=text) for text in texts)


def with_mention(command: str) -> str:
    """Put the bot's mention in front of a command that has none."""
    return command if command.startswith(BOT_NAME) else f"{BOT_NAME} {command}"


def _body_message(body: Body, *, filterable: bool) -> Message:
    return Message(type=MessageType.BASE_BODY_WITH_FILTER if filterable else "", base_body=body)


def _options(choices: Choices) -> tuple[OptionItem, ...]:
    pairs = choices.items() if isinstance(choices, Mapping) else ((text, text) for text in choices)
    return tuple(OptionItem(name=name, value=value) for name, value in pairs)
