"""What is said of messages that a host would refuse, ignore or cut."""

from datetime import UTC, datetime

import pytest
from msgspec import structs

from botkube.model.parts import (
    Button,
    LabelInput,
    Message,
    MultiSelect,
    OptionGroup,
    OptionItem,
    Section,
    SectionStyle,
    Select,
    Selects,
)
from botkube.sdk import code_block, message, section, skip, text_input
from botkube.sdk.check import (
    MOST_BYTES,
    InvalidMessage,
    check_message,
    checked_message,
    checked_size,
)
from botkube.wire.limits import MAX_RESPONSE

RUN = "{{BotName}} run"
A = OptionItem(name="A", value="a")
B = OptionItem(name="B", value="b")


def with_button(**parts: str) -> Message:
    return message(Section(buttons=(Button(**parts),)))


def with_select(**parts: object) -> Message:
    made = Select(name="S", **{"command": RUN, **parts})  # type: ignore[arg-type]  # each test's own
    return message(section("first"), Section(selects=Selects(items=(made,))))


def with_choices(*initial: OptionItem, command: str = RUN) -> Message:
    chosen = MultiSelect(name="M", command=command, options=(A,), initial_options=initial)
    return message(Section(multi_select=chosen))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (Message(type="loud"), "type: 'loud' is none of"),
        (Message(type="baseBodyWithFilter", sections=(Section(),)), "keeps its body only"),
        (message(kind="single_section"), "exactly one section, not 0"),
        (message(timestamp := section(), timestamp, kind="single_section"), "not 2"),
        (Message(timestamp="2024-05-01T12:00:00"), "timestamp: '2024-05-01T12:00:00' is not a time"),
        (Message(timestamp="2024-02-31T12:00:00Z"), "is not a time with a zone"),
        (Message(timestamp=""), "is not a time with a zone"),
        (structs.replace(Message(), timestamp=datetime.min), "is not a time with a zone"),  # noqa: DTZ901 - the mistake
        (with_button(command=RUN), "sections[0].buttons[0]: a button needs a name"),
        (with_button(name="B"), "'B' needs either a command or a URL"),
        (with_button(name="B", command=RUN, url="https://x"), "either a command or a URL"),
        (with_button(name="B", url="example.com"), "'example.com' is not a full URL"),
        (with_button(name="B", command="run"), "hosts ignore the command 'run'"),
        (with_button(name="B", command=RUN, style="red"), "style 'red' is none of primary, danger"),
        (with_button(name="B", command=RUN, description_style="big"), "descriptionStyle 'big'"),
        (with_select(), "sections[1].selects.items[0]: the select 'S' has no options"),
        (with_select(type="radio"), "type 'radio' is neither static nor external"),
        (with_select(type="external", command=""), "hosts ignore the command ''"),
        (
            with_select(option_groups=(OptionGroup(options=(A,)),), initial_option=B),
            "the initial option 'B' is not among the options",
        ),
        (with_choices(B), "sections[0].multiSelect: an initial option is not among"),
        (with_choices(command="run"), "multiSelect: hosts ignore the command"),
        (message(Section(multi_select=MultiSelect(name="M"))), "'M' has no options"),
        (message(inputs=[LabelInput(command="x")]), "plaintextInputs[0]: hosts ignore"),
        (
            message(Section(plaintext_inputs=(LabelInput(command=RUN, dispatched_action="x"),))),
            "sections[0].plaintextInputs[0]: dispatchedAction 'x' is none of",
        ),
        (message(Section(style=SectionStyle(divider="thick"))), "divider: 'thick'"),
    ],
)  # fmt: skip
def test_the_place_and_the_reason_are_named(wrong: Message, said: str) -> None:
    with pytest.raises(InvalidMessage) as raised:
        checked_message(wrong)
    assert said in str(raised.value)


@pytest.mark.parametrize(
    "good",
    [
        Message(),
        skip(),
        code_block("x"),
        Message(timestamp="2024-05-01T12:00:00.123456789+02:00"),
        with_button(name="B", url="mailto:me@example.com"),
        with_select(type="external"),
        with_choices(A),
        message(inputs=[text_input("Name", command="find ")], kind="form"),
        structs.replace(Message(), timestamp=datetime.now(UTC)),
    ],
)
def test_good_messages_pass(good: Message) -> None:
    check_message(good)


def test_what_no_host_takes_is_said_before_it_is_sent() -> None:
    assert MOST_BYTES < MAX_RESPONSE
    checked_size(b"x" * MOST_BYTES)
    with pytest.raises(InvalidMessage, match="it has 62914561 bytes, a host takes 62914560"):
        checked_size(b"x" * (MOST_BYTES + 1))
