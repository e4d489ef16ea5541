"""The message codec against the bytes that Go writes, and against what a careless plugin writes."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from botkube.model.errors import ProtocolError
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
    OptionGroup,
    OptionItem,
    Section,
    SectionStyle,
    Select,
    Selects,
    SourceEvent,
    TextField,
    decode_message,
    decode_source_event,
    encode_message,
    encode_source_event,
    is_empty,
)

OPTION = OptionItem(name="A", value="a")
EVERYTHING = Message(
    type=MessageType.SINGLE_SECTION_EVENT,
    timestamp="2024-05-01T12:00:00.123456789Z",
    sections=(
        Section(
            style=SectionStyle(divider="none"),
            header="h",
            description="d",
            body=Body(plaintext="p"),
            buttons=(
                Button(
                    description="{{BotName}} desc",
                    description_style="code",
                    name="n",
                    command="{{BotName}} cmd",
                    style="primary",
                ),
                Button(name="u", url="https://x"),
            ),
            multi_select=MultiSelect(
                name="ms", command="{{BotName}} x", options=(OPTION,), initial_options=(OPTION,)
            ),
            selects=Selects(
                id="id1",
                items=(
                    Select(
                        type="static",
                        name="s",
                        command="{{BotName}} y",
                        option_groups=(OptionGroup(name="g", options=(OPTION,)),),
                        initial_option=OPTION,
                    ),
                ),
            ),
            plaintext_inputs=(
                LabelInput(
                    command="c", text="t", placeholder="ph", dispatched_action="on_enter_pressed"
                ),
            ),
            text_fields=(TextField(key="k", value="v"),),
            bullet_lists=(BulletList(title="t", items=("i",)),),
            context=(ContextItem(text="ctx"),),
        ),
    ),
    plaintext_inputs=(LabelInput(command="c"),),
    only_visible_for_you=True,
    replace_original=True,
    user_handle="u",
    parent_activity_id="1.2",
)

# Written by Go's encoding/json from the same values.
GOLDEN = [
    (
        Message(type=MessageType.BASE_BODY_WITH_FILTER, base_body=Body(code_block="a <b>")),
        r'{"type":"baseBodyWithFilter","baseBody":{"codeBlock":"a \u003cb\u003e"},"timestamp":"0001-01-01T00:00:00Z"}',
    ),
    (Message(), '{"baseBody":{},"timestamp":"0001-01-01T00:00:00Z"}'),
    (
        Message(sections=(Section(),)),
        (
            '{"baseBody":{},"timestamp":"0001-01-01T00:00:00Z","sections":[{"style":{},"body":{},'
            '"multiSelect":{"description":{}},"selects":{}}]}'
        ),
    ),
    (
        EVERYTHING,
        (
            '{"type":"nonInteractiveEventSingleSection","baseBody":{},"timestamp":"2024-05-01T12:00:00.123456789Z",'
            '"sections":[{"style":{"divider":"none"},"header":"h","description":"d","body":{"plaintext":"p"},'
            '"buttons":[{"description":"{{BotName}} desc","descriptionStyle":"code","name":"n",'
            '"command":"{{BotName}} cmd","style":"primary"},'
            '{"descriptionStyle":"","name":"u","url":"https://x"}],'
            '"multiSelect":{"name":"ms","description":{},"command":"{{BotName}} x",'
            '"options":[{"name":"A","value":"a"}],"initialOptions":[{"name":"A","value":"a"}]},'
            '"selects":{"id":"id1","items":[{"type":"static","name":"s","command":"{{BotName}} y",'
            '"optionGroups":[{"name":"g","options":[{"name":"A","value":"a"}]}],'
            '"initialOption":{"name":"A","value":"a"}}]},'
            '"plaintextInputs":[{"command":"c","text":"t","placeholder":"ph","dispatchedAction":"on_enter_pressed"}],'
            '"textFields":[{"key":"k","value":"v"}],"bulletLists":[{"title":"t","items":["i"]}],'
            '"context":[{"text":"ctx"}]}],'
            '"plaintextInputs":[{"command":"c"}],"onlyVisibleForYou":true,"replaceOriginal":true,'
            '"userHandle":"u","parentActivityId":"1.2"}'
        ),
    ),
]


@pytest.mark.parametrize(
    ("message", "written"), GOLDEN, ids=["filter", "zero", "section", "everything"]
)
def test_json_is_what_go_writes(message: Message, written: str) -> None:
    assert encode_message(message).decode() == written
    assert decode_message(written.encode()) == message


def test_event_json_is_what_go_writes() -> None:
    pod = SourceEvent(
        message=Message(type="baseBodyWithFilter", base_body=Body(plaintext="x")),
        raw_object=msgspec.Raw(b'{"Kind":"Pod","Name":"web"}'),
        analytics_labels={"kind": "Pod"},
    )
    written = (
        b'{"Message":{"type":"baseBodyWithFilter","baseBody":{"plaintext":"x"},"timestamp":"0001-01-01T00:00:00Z"},'
        b'"RawObject":{"Kind":"Pod","Name":"web"},"AnalyticsLabels":{"kind":"Pod"}}'
    )
    assert encode_source_event(pod) == written
    assert decode_source_event(written) == pod
    zero = b'{"Message":{"baseBody":{},"timestamp":"0001-01-01T00:00:00Z"},"RawObject":null,"AnalyticsLabels":null}'
    assert encode_source_event(SourceEvent()) == zero
    assert decode_source_event(zero) == SourceEvent()


def test_html_and_line_separators_are_escaped_as_go_does() -> None:
    message = Message(base_body=Body(plaintext="<&>\u2028\u2029é"))
    assert r'"\u003c\u0026\u003e\u2028\u2029é"'.encode() in encode_message(message)
    assert decode_message(encode_message(message)) == message


@pytest.mark.parametrize("nothing", [b"", b"null", b"{}", b" {} "])
def test_nothing_is_the_empty_message_and_event(nothing: bytes) -> None:
    assert decode_message(nothing) == Message()
    assert decode_source_event(nothing) == SourceEvent()


@pytest.mark.parametrize(
    ("odd", "message"),
    [
        ('{"BASEBODY":{"CodeBlock":"x"}}', Message(base_body=Body(code_block="x"))),
        ('{"type":null,"sections":null,"baseBody":null,"timestamp":null}', Message()),
        ('{"new":{"deep":[1]},"type":"form"}', Message(type="form")),
        ('{"sections":[null]}', Message(sections=(Section(),))),
        (
            '{"sections":[{"bulletLists":[{"items":[null,"a"]}],"base":{"header":"no"}}]}',
            Message(sections=(Section(bullet_lists=(BulletList(items=("", "a")),)),)),
        ),
        (
            '{"sections":[{"selects":{"items":[{"initialOption":{"NAME":"n"},"x":1}]}}]}',
            Message(
                sections=(
                    Section(selects=Selects(items=(Select(initial_option=OptionItem(name="n")),))),
                )
            ),
        ),
        (r'{"type":"a\ud800b\ud83d\ude00\\ud800\uDC00"}', Message(type="a\ufffdb😀\\ud800\ufffd")),
    ],
    ids=["case", "nulls", "unknown", "null item", "null text", "optional", "surrogate"],
)
def test_odd_json_is_read_as_go_reads_it(odd: str, message: Message) -> None:
    assert decode_message(odd.encode()) == message
    event = decode_source_event(b'{"message":' + odd.encode() + b',"rawobject":[1],"Other":2}')
    assert event == SourceEvent(message=message, raw_object=msgspec.Raw(b"[1]"))


def test_bytes_that_are_not_utf8_are_replaced() -> None:
    assert decode_message(b'{"type":"\xff"}') == Message(type="\ufffd")
    event = decode_source_event(b'{"RawObject":{"a":"\xff"}}')
    assert bytes(event.raw_object) == '{"a":"\ufffd"}'.encode()


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ('{"sections":[{},{"header":1}]}', "$.sections[1].header"),
        ('{"sections":[{"HEADER":1}]}', "$.sections[0].header"),
        ('{"baseBody":"x"}', "$.baseBody"),
        ('{"sections":{}}', "$.sections"),
        ('{"timestamp":""}', "$.timestamp"),
        ('{"timestamp":"2024-05-01T12:00:00"}', "$.timestamp"),
        ('{"timestamp":"2024-13-01T12:00:00Z"}', "$.timestamp"),
        ("[1]", "array"),
        ("{", "message JSON"),
        ('{"a":' + "[" * 100_000, "message JSON"),
    ],
)
def test_what_go_refuses_is_refused_with_its_place(wrong: str, named: str) -> None:
    with pytest.raises(ProtocolError) as raised:
        decode_message(wrong.encode())
    assert named in str(raised.value)


@pytest.mark.parametrize(
    "wrong",
    [
        b"[",
        b"[]",
        b'{"AnalyticsLabels":[1]}',
        b'{"Message":{"type":1}}',
        b'{"Message":[]}',
        b'{"RawObject":}',
    ],
)
def test_a_wrong_event_is_refused(wrong: bytes) -> None:
    with pytest.raises(ProtocolError):
        decode_source_event(wrong)


def test_the_raw_object_is_kept_to_the_last_digit() -> None:
    raw = b'{"big": 12345678901234567890, "small":0.1000000000000000055511151231257827}'
    event = decode_source_event(b'{"RawObject":' + raw + b"}")
    assert bytes(event.raw_object) == raw


def test_timestamp_alone_makes_a_message_not_empty() -> None:
    assert is_empty(Message(type="form", only_visible_for_you=True, user_handle="u"))
    assert not is_empty(Message(timestamp="2024-05-01T12:00:00+02:00"))
    assert not is_empty(Message(base_body=Body(plaintext="x")))
    assert not is_empty(Message(sections=(Section(),)))
    assert not is_empty(Message(plaintext_inputs=(LabelInput(),)))
    assert Message().timestamp == ZERO_TIME


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
OPTIONS = st.lists(st.builds(OptionItem, name=TEXT, value=TEXT), max_size=2).map(tuple)
BODY = st.builds(Body, code_block=TEXT, plaintext=TEXT)
SECTIONS = st.builds(
    Section,
    header=TEXT,
    body=BODY,
    buttons=st.lists(
        st.builds(Button, name=TEXT, command=TEXT, description_style=TEXT), max_size=2
    ).map(tuple),
    multi_select=st.builds(MultiSelect, name=TEXT, description=BODY, options=OPTIONS),
    bullet_lists=st.lists(
        st.builds(BulletList, title=TEXT, items=st.lists(TEXT, max_size=2).map(tuple)), max_size=1
    ).map(tuple),
)
MESSAGES = st.builds(
    Message,
    type=TEXT,
    base_body=BODY,
    sections=st.lists(SECTIONS, max_size=2).map(tuple),
    only_visible_for_you=st.booleans(),
    timestamp=st.just(ZERO_TIME) | st.datetimes().map(lambda at: at.isoformat().zfill(19) + "Z"),
)


@given(MESSAGES)
def test_every_message_survives_both_ways_of_reading(message: Message) -> None:
    written = encode_message(message)
    assert not set(written) & set(b"<>&")
    assert decode_message(written) == message
    assert decode_message(b'{"unknown key":0,' + written[1:]) == message
    assert json.loads(written)["baseBody"] == json.loads(msgspec.json.encode(message.base_body))


@given(st.binary(max_size=64))
def test_no_input_raises_anything_but_a_protocol_error(data: bytes) -> None:
    for decode in (decode_message, decode_source_event):
        try:
            decode(data)
        except ProtocolError:
            continue
