"""Any message a plugin may send, from a seed; and what of it a reader must find again."""

import re
from collections.abc import Callable, Iterator
from random import Random
from typing import TypeVar

from botkube.model.message import (
    ZERO_TIME,
    Body,
    BulletList,
    Button,
    ContextItem,
    LabelInput,
    Message,
    MultiSelect,
    OptionGroup,
    OptionItem,
    Section,
    SectionStyle,
    Select,
    Selects,
    TextField,
)

_T = TypeVar("_T")
_WORDS = (
    *(
        "alpha",
        "beta",
        "gamma",
        "pod/api-0",
        "100%",
        "%d",
        "é",
        "日本",
        "🎉",
        "*",
        "_x_",
        "\t",
        "\n",
    ),
    *("<!channel>", "<@U1ABC>", "&amp;", "&", "```", "`", "<https://a.b|c>", "https://x.org/a?b&c"),
    *("\x1b[1m", "\x00", "{{BotName}}", "\u202e", "~0"),
)


class Author:
    """Writes messages; the same seed writes the same."""

    def __init__(self, seed: int) -> None:
        """Start with a seed."""
        self._random = Random(seed)

    def message(self) -> Message:
        """Any message."""
        many = self._one_in(8)
        headers = (Section(header=f"Part {index}.") for index in range(self._random.randint(1, 70)))
        return Message(
            type=self._of("", "form", "threadMessage", "baseBodyWithFilter"),
            base_body=self._body(),
            timestamp=self._of(ZERO_TIME, "2024-05-01T10:00:00.5+02:00"),
            sections=tuple(headers) if many else self._some(self._section, 3),
            plaintext_inputs=self._some(self._input, 2),
            only_visible_for_you=self._one_in(3),
        )

    def text(self) -> str:
        """Any text, mostly short, now and then of the lengths around limits."""
        if self._one_in(4):
            return ""
        words = self._of(" ", "", "\n").join(self._some(lambda: self._of(*_WORDS), 6))
        if not words or not self._one_in(8):
            return words
        long = words * (self._of(75, 150, 255, 2000, 3000, 3001, 13_000) // len(words) + 1)
        return self._of(long, f"{words}\n" * self._of(20, 300))

    def _section(self) -> Section:
        return Section(
            style=SectionStyle(divider=self._of("", "none")),
            header=self.text(),
            description=self.text(),
            body=self._body(),
            buttons=self._some(self._button, 4),
            multi_select=MultiSelect(
                name=self.text(),
                description=self._body(),
                command=self._command(),
                options=self._options(),
            ),
            selects=Selects(id=self.text(), items=self._some(self._select, 3)),
            plaintext_inputs=self._some(self._input, 2),
            text_fields=self._some(lambda: TextField(key=self.text(), value=self.text()), 14),
            bullet_lists=self._some(self._bullets, 2),
            context=self._some(lambda: ContextItem(text=self.text()), 3),
        )

    def _bullets(self) -> BulletList:
        return BulletList(title=self.text(), items=self._some(self.text, 3))

    def _body(self) -> Body:
        return Body(code_block=self.text(), plaintext=self.text())

    def _button(self) -> Button:
        return Button(
            description=self._of("", self.text()),
            description_style=self._of("", "bold", "italic", "text", "code"),
            name=self.text(),
            command=self._of("", self._command()),
            url=self._of("", "", "https://x.org/a", self.text()),
            style=self._of("", "primary", "danger", "other"),
        )

    def _select(self) -> Select:
        groups = self._some(lambda: OptionGroup(name=self.text(), options=self._options()), 3)
        offered = [option for group in groups for option in group.options]
        return Select(
            type=self._of("", "static", "external"),
            name=self.text(),
            command=self._command(),
            option_groups=groups,
            initial_option=self._of(None, *offered[:1]),
        )

    def _options(self) -> tuple[OptionItem, ...]:
        if self._one_in(10):
            count = self._random.randint(95, 130)
            return tuple(OptionItem(name=f"n{index}", value=f"v{index}") for index in range(count))
        return self._some(lambda: OptionItem(name=self.text(), value=self.text()), 3)

    def _input(self) -> LabelInput:
        return LabelInput(
            command=self._command(),
            text=self.text(),
            placeholder=self.text(),
            dispatched_action=self._of("", "on_enter_pressed", "on_character_entered", "other"),
        )

    def _command(self) -> str:
        return self._of("{{BotName}} same", f"{{{{BotName}}}} {self.text()}", self.text())

    def _some(self, make: Callable[[], _T], most: int) -> tuple[_T, ...]:
        return tuple(make() for _ in range(self._random.randint(0, most)))

    def _of(self, *choices: _T) -> _T:
        return self._random.choice(choices)

    def _one_in(self, number: int) -> bool:
        return self._random.randrange(number) == 0


def content(message: Message) -> Iterator[str]:
    """Every text of a message that is meant to be read."""
    yield from _body(message.base_body)
    for section in message.sections:
        yield from (section.header, section.description, *_body(section.body))
        yield from (text for field in section.text_fields for text in (field.key, field.value))
        yield from (text for one in section.bullet_lists for text in (one.title, *one.items))
        yield from (
            text for button in section.buttons for text in (button.name, button.description)
        )
        yield from (button.url for button in section.buttons)
        yield from _choices(section)
        yield from (item.text for item in section.context)
        yield from _labels(section.plaintext_inputs)
    yield from _labels(message.plaintext_inputs)


def bare(text: str) -> str:
    """Letters only: what escaping, emphasis, fences and splitting leave alone, the same on both sides."""
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(entity, character)
    text = re.sub(r"[\s\x00-\x1f\x7f\u2400-\u2421\u200b\ufffd*_`<>&•]", "", text)
    return re.sub(r"amp;|lt;|gt;|@UBOT|@Botkube|{{BotName}}", "", text)


def _body(body: Body) -> Iterator[str]:
    yield from (body.plaintext, body.code_block)


def _choices(section: Section) -> Iterator[str]:
    for select in section.selects.items:
        yield select.name
        for group in select.option_groups:
            yield from (group.name, *(option.name for option in group.options))
    yield from _body(section.multi_select.description)
    yield from (section.multi_select.name, *(one.name for one in section.multi_select.options))


def _labels(inputs: tuple[LabelInput, ...]) -> Iterator[str]:
    yield from (text for item in inputs for text in (item.text, item.placeholder))
