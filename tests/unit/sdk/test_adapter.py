"""Plugins as the wire sees them."""

import json
import logging

import msgspec
import pytest
import trio

from botkube.model.message import Message, decode_message, decode_source_event
from botkube.sdk import (
    Emit,
    Event,
    ExecuteInput,
    Executor,
    ExternalInput,
    HelpAsked,
    NoConfig,
    Reply,
    Source,
    StreamInput,
    UserError,
    override,
    plaintext,
)
from botkube.sdk.adapter import ExecutorAdapter, SourceAdapter
from botkube.wire.errors import CallError
from botkube.wire.messages import ExecuteRequest, ExternalRequest, StreamRequest

RAISED = {
    "refuse": UserError("not today"),
    "break": RuntimeError("broken"),
    "usage": HelpAsked("usage: greet"),
}


class Greeting(msgspec.Struct, frozen=True):
    word: str = "hello"


class Greeter(Executor[Greeting]):
    name = "greet"
    version = "1.2.3"
    description = "Greets"
    documentation_url = "https://x"

    @override
    async def execute(self, request: ExecuteInput, config: Greeting) -> Reply:
        match request.command:
            case "text":
                return config.word
            case command if command in RAISED:
                raise RAISED[command]
            case "key":
                empty: dict[str, str] = {}
                return empty["missing"]
            case "group":
                async with trio.open_nursery():
                    raise OSError("from a nursery")
            case "many":
                return (plaintext("x"),) * 16
            case "wrong":
                return Message(timestamp="today")
            case "surrogate":
                return "\ud800"
            case _:
                return plaintext(config.word)


class Ticker(Source[Greeting]):
    name = "tick"
    version = "1"
    description = "Ticks"
    external_request_schema = "{}"

    @override
    async def stream(self, request: StreamInput, config: Greeting, emit: Emit) -> None:
        await emit(
            Event(message=plaintext(request.source_name), raw={"W": config.word}, labels={"l": 1})
        )
        if config.word == "break":
            raise RuntimeError("broken")

    @override
    async def handle_external_request(self, request: ExternalInput, config: Greeting) -> Event:
        return Event(raw=[request.payload.decode(), config.word])


class Silent(Source[NoConfig]):
    name = "silent"
    version = "1"
    description = "Waits"

    @override
    async def stream(self, request: StreamInput, config: NoConfig, emit: Emit) -> None:
        await trio.sleep_forever()


async def _discard(_: bytes) -> None:
    await trio.lowlevel.checkpoint()


async def run(command: str, *configs: bytes) -> Message:
    response = await ExecutorAdapter(Greeter()).execute(
        ExecuteRequest(command=command, configs=configs)
    )
    return decode_message(response.message)


async def test_execute_merges_configurations_and_encodes_the_reply() -> None:
    assert (await run("plain", b"word: a", b'{"word":"b"}')).base_body.plaintext == "b"


async def test_text_becomes_a_code_block_that_can_be_filtered() -> None:
    message = await run("text")
    assert (message.type, message.base_body.code_block) == ("baseBodyWithFilter", "hello")


@pytest.mark.parametrize(
    ("command", "text"),
    [
        ("refuse", "not today"),
        ("break", "broken"),
        ("key", "KeyError: 'missing'"),
        ("group", "from a nursery"),
        ("surrogate", "surrogates not allowed"),
    ],
)
async def test_the_user_sees_the_text_of_what_is_raised(
    command: str, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(CallError) as raised:
        await run(command)
    assert raised.value.status == "UNKNOWN"
    assert text in raised.value.message
    # A refusal is no fault of the plugin; everything else leaves its traceback.
    assert [record.levelno for record in caplog.records] == (
        [] if command == "refuse" else [logging.ERROR]
    )


async def test_a_bad_configuration_is_told_to_the_user() -> None:
    with pytest.raises(CallError, match="while merging input configuration: ") as raised:
        await run("text", b"word: [1]")
    assert raised.value.status == "UNKNOWN"


async def test_cancelled_is_not_turned_into_an_error() -> None:
    with trio.move_on_after(0) as scope:
        await SourceAdapter(Silent()).stream(StreamRequest(), _discard)
    assert scope.cancelled_caught


async def test_help_of_a_plugin_that_has_none_is_its_description() -> None:
    assert decode_message(await ExecutorAdapter(Greeter()).help()) == plaintext("Greets")


async def test_what_the_originals_hosts_drop_is_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    response = await ExecutorAdapter(Greeter()).execute(ExecuteRequest(command="many"))
    assert len(response.messages) == 16
    assert "a reply has 16 messages: the original's hosts show 15" in caplog.text


async def test_asking_for_the_usage_of_a_command_is_no_failure() -> None:
    assert (await run("usage")).base_body.code_block == "usage: greet"


async def test_a_reply_that_hosts_would_not_show_is_a_failure() -> None:
    with pytest.raises(CallError, match="timestamp: 'today' is not a time"):
        await run("wrong")


async def test_events_are_sent_as_they_are_emitted() -> None:
    sent: list[bytes] = []

    async def send(data: bytes) -> None:
        await trio.lowlevel.checkpoint()
        sent.append(data)

    adapter = SourceAdapter(Ticker())
    await adapter.stream(StreamRequest(source_name="s"), send)
    with pytest.raises(CallError, match="broken"):
        await adapter.stream(StreamRequest(configs=(b"word: break",)), send)
    first, second = (decode_source_event(data) for data in sent)
    assert first.message.base_body.plaintext == "s"
    assert bytes(first.raw_object) == b'{"W":"hello"}'
    assert first.analytics_labels == {"l": 1}
    assert bytes(second.raw_object) == b'{"W":"break"}'


async def test_external_requests() -> None:
    event = await SourceAdapter(Ticker()).handle_external_request(
        ExternalRequest(payload=b"x", config=b"word: w")
    )
    assert bytes(decode_source_event(event).raw_object) == b'["x","w"]'
    with pytest.raises(CallError) as raised:
        await SourceAdapter(Silent()).handle_external_request(ExternalRequest())
    assert raised.value.status == "UNIMPLEMENTED"


async def test_metadata_holds_the_schema_of_the_configuration() -> None:
    metadata = await ExecutorAdapter(Greeter()).metadata()
    assert (metadata.version, metadata.description) == ("1.2.3", "Greets")
    assert metadata.documentation_url == "https://x"
    assert "word" in json.loads(metadata.json_schema)["properties"]
    assert metadata.external_request_schema is None
    assert (await SourceAdapter(Ticker()).metadata()).external_request_schema == "{}"


async def test_a_schema_may_be_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Greeter, "schema_url", "https://x/schema.json")
    metadata = await ExecutorAdapter(Greeter()).metadata()
    assert (metadata.json_schema, metadata.schema_ref_url) == ("", "https://x/schema.json")
