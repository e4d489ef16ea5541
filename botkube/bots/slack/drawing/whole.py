"""A message as one text without any cut, for the file that goes with a message too long to show. Pure."""

from collections.abc import Iterable, Iterator

from botkube.model.message import LabelInput, Message, Section, plain_text


def whole_text(message: Message, header: str = "", description: str = "") -> str:
    """All of a message's texts: its plain text, and behind it the names and labels that this leaves out."""
    lines = [line for line in (header, description) if line]
    left_out = list(_left_out(message))
    if left_out:
        left_out.insert(0, "")
    return "\n".join([*lines, plain_text(message), *left_out]) + "\n"


def _left_out(message: Message) -> Iterator[str]:
    for section in message.sections:
        yield from _names(section)
    yield from _labels(message.plaintext_inputs)


def _names(section: Section) -> Iterator[str]:
    for button in section.buttons:
        if not button.url and button.name:
            yield f"{button.name}: {button.command}"
        elif button.url and button.command:
            yield button.command
    for select in section.selects.items:
        yield from (text for text in (select.name, select.command) if text)
        options = [option for group in select.option_groups for option in group.options]
        yield from (f" • {option.name}" for option in options if option.name)
    multi = section.multi_select
    if not multi.options:
        yield from (
            text for text in (multi.description.plaintext, multi.description.code_block) if text
        )
    yield from (text for text in (multi.name, multi.command) if text)
    yield from (f" • {option.name}" for option in multi.options if option.name)
    yield from _labels(section.plaintext_inputs)


def _labels(inputs: Iterable[LabelInput]) -> Iterator[str]:
    for item in inputs:
        yield from (text for text in (item.text, item.placeholder, item.command) if text)
