"""Whatever a message offers, using it leads back to exactly what the plugin meant."""

import json
from collections.abc import Iterator, Mapping

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from botkube.bots.slack.drawing.choices import suggestions
from botkube.bots.slack.drawing.render import Outgoing, Rendered, render
from botkube.bots.slack.hearing.frames import Envelope, decode_frame
from botkube.bots.slack.hearing.inbound import Search, read
from botkube.bots.slack.hearing.used import Used, commands, needs
from botkube.model.message import Message, Section
from tests.fakes.slack.anything import Author
from tests.fakes.slack.envelopes import BOT, clicked

MENTION = f"<@{BOT}>"


def elements(rendered: Rendered) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Every element with the id of its block, as a client sees it."""
    for post in rendered.posts:
        for block in json.loads(msgspec.json.encode(post.blocks)):
            inner = [block.get("accessory"), block.get("element"), *block.get("elements", [])]
            for element in inner:
                if element is not None and "action_id" in element:
                    yield block.get("block_id", "auto"), element


def used(
    block: str, element: Mapping[str, object], rendered: Rendered
) -> Iterator[dict[str, object]]:
    """What Slack sends for each way to use an element."""
    action = {"type": element["type"], "action_id": element["action_id"], "block_id": block}
    match element["type"]:
        case "button":
            yield action | {"value": element.get("value")}
        case "plain_text_input":
            yield action | {"value": 'typed "so"'}
        case "static_select" | "external_select":
            yield from (
                action | {"selected_option": one} for one in offered(block, element, rendered)
            )
        case _:
            yield action | {"selected_options": offered(block, element, rendered)}


def offered(block: str, element: Mapping[str, object], rendered: Rendered) -> list[object]:
    """The choices of an element, searched for if they are not in it."""
    listed = element
    if "external" in str(element["type"]):
        frame = clicked(
            type="block_suggestion", block_id=block, action_id=element["action_id"], value=""
        )
        search = read(envelope(frame), BOT)
        assert isinstance(search, Search)
        listed = json.loads(
            msgspec.json.encode(suggestions(rendered.kept[search.key], search.query))
        )
    groups = listed.get("option_groups", [{"options": listed.get("options")}])
    assert isinstance(groups, list)
    return [option for group in groups for option in group["options"]]


def envelope(frame: str) -> Envelope:
    found = decode_frame(frame)
    assert isinstance(found, Envelope)
    return found


def reached(rendered: Rendered) -> set[str]:
    found = set()
    for block, element in elements(rendered):
        for action in used(block, element, rendered):
            request = read(envelope(clicked(action)), BOT)
            if isinstance(request, Used):
                kept = {key: rendered.kept[key] for key in needs(request)}
                found |= {command.text for command in commands(request, kept, BOT)}
    return found


def meant(message: Message) -> set[str]:
    found = {typed(spoken(item.command)) for item in message.plaintext_inputs}
    for section in message.sections:
        found |= set(_meant(section))
    return {text.removeprefix(MENTION).strip() for text in found if text.startswith(MENTION)}


def spoken(text: str) -> str:
    return text.replace("{{BotName}}", MENTION, 100)


def _meant(section: Section) -> Iterator[str]:
    yield from (spoken(button.command) for button in section.buttons if not button.url)
    yield from (typed(spoken(item.command)) for item in section.plaintext_inputs)
    for select in section.selects.items:
        options = [option for group in select.option_groups for option in group.options]
        for option in options[:100]:
            yield f"{spoken(select.command)} {spoken(option.value)}"


def typed(command: str) -> str:
    return f'{command}"typed \\"so\\""'


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32))
def test_every_element_leads_back_to_its_command(seed: int) -> None:
    message = Author(seed).message()
    rendered = render(Outgoing(message=message), MENTION)
    if rendered.file is None or len(rendered.posts) < 10:
        missing = meant(message) - reached(rendered)
        assert {text for text in missing if not _was_empty(text, message)} == set()


def _was_empty(text: str, message: Message) -> bool:
    """Choices without name and value are not offered."""
    return any(
        text
        == f"{select.command.replace('{{BotName}}', MENTION, 100).removeprefix(MENTION)} ".strip()
        for section in message.sections
        for select in section.selects.items
    )
