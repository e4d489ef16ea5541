"""The parts of a message that people press, choose or fill in, and the lists beside them.

Commands get the bot's mention in front, without which a host ignores the interaction. What does not fit together is a
ValueError here, at the author's line; the rest is checked when a message leaves.
"""

from collections.abc import Iterable, Mapping
from typing import Literal, TypeAlias

from botkube.model.message import (
    BOT_NAME,
    Body,
    BulletList,
    Button,
    ContextItem,
    LabelInput,
    MultiSelect,
    OptionGroup,
    OptionItem,
    Select,
    Selects,
    TextField,
)

ButtonStyle: TypeAlias = Literal["", "primary", "danger"]
DescriptionStyle: TypeAlias = Literal["text", "bold", "italic", "code"]
Choices: TypeAlias = Mapping[str, str] | Iterable[str]
"""What is shown → what is sent; plain texts are both."""


def button(
    name: str,
    *,
    command: str,
    style: ButtonStyle = "",
    description: str = "",
    description_style: DescriptionStyle = "text",
    show_command: bool = False,
) -> Button:
    """Return a button that runs a command; `show_command` puts the command beside it instead of a description."""
    command = with_mention(command)
    shown = command if show_command else description
    return Button(
        name=name,
        command=command,
        style=style,
        description=shown,
        description_style=_description_style(shown, "code" if show_command else description_style),
    )


def url_button(
    name: str,
    url: str,
    *,
    style: ButtonStyle = "",
    description: str = "",
    description_style: DescriptionStyle = "text",
) -> Button:
    """Return a button that opens a page."""
    return Button(
        name=name,
        url=url,
        style=style,
        description=description,
        description_style=_description_style(description, description_style),
    )


def select(
    name: str,
    *,
    command: str,
    options: Choices = (),
    groups: Mapping[str, Choices] | None = None,
    initial: str | None = None,
) -> Select:
    """Return a drop-down; a choice runs the command, a space and the value. `initial` is the value chosen at first.

    Raises:
        ValueError: there are options and groups, or neither, or the initial value is not among them.
    """
    titled = {name: options} if groups is None else groups
    made = {title: _options(items) for title, items in titled.items()}
    if (groups is not None and tuple(options)) or not any(made.values()):
        raise ValueError(f"the select {name!r} needs either options or groups of them")
    choices = [option for group in made.values() for option in group]
    return Select(
        type="static",
        name=name,
        command=with_mention(command),
        option_groups=tuple(
            OptionGroup(name=title, options=group) for title, group in made.items()
        ),
        initial_option=None if initial is None else _chosen(name, initial, choices),
    )


def external_select(name: str, *, command: str) -> Select:
    """Return a drop-down whose options the platform fetches; few platforms have it."""
    return Select(type="external", name=name, command=with_mention(command))


def selects(block: str, *items: Select) -> Selects:
    """Put drop-downs side by side; the same `block` id keeps what is chosen while the message is edited."""
    return Selects(id=block, items=items)


def multi_select(
    name: str,
    *,
    command: str,
    options: Choices,
    initial: Iterable[str] = (),
    description: str = "",
) -> MultiSelect:
    """Return a drop-down of several choices; runs the command, a space and the values with commas between.

    Raises:
        ValueError: there are no options, or an initial value is not among them.
    """
    choices = _options(options)
    if not choices:
        raise ValueError(f"the select {name!r} needs options")
    return MultiSelect(
        name=name,
        command=with_mention(command),
        description=Body(plaintext=description),
        options=choices,
        initial_options=tuple(_chosen(name, value, choices) for value in initial),
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


def _description_style(description: str, style: DescriptionStyle) -> str:
    return style if description else ""


def _chosen(name: str, value: str, choices: Iterable[OptionItem]) -> OptionItem:
    for option in choices:
        if option.value == value:
            return option
    raise ValueError(f"the select {name!r} has no option with the value {value!r}")


def _options(choices: Choices) -> tuple[OptionItem, ...]:
    pairs = choices.items() if isinstance(choices, Mapping) else ((text, text) for text in choices)
    return tuple(OptionItem(name=name, value=value) for name, value in pairs)
