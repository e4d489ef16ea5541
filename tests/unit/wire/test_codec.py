"""The values against the generated messages, which speak for protobuf; the hand-written parts byte by byte."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botkube._proto import executor, plugin, source
from botkube.model.errors import ProtocolError
from botkube.wire import codec
from botkube.wire.messages import (
    ExecuteRequest,
    ExecuteResponse,
    ExternalRequest,
    StdioChunk,
    StreamRequest,
)

blobs = st.binary(max_size=20)
texts = st.text(max_size=10)
tuples = st.lists(blobs, max_size=3).map(tuple)
executes = st.builds(
    ExecuteRequest,
    command=texts,
    configs=tuples,
    interactive=st.booleans(),
    slack_state=blobs,
    kube_config=blobs,
    text=texts,
    url=texts,
    parent_activity_id=texts,
    mention=texts,
    display_name=texts,
    webhook_base_url=texts,
)
streams = st.builds(
    StreamRequest,
    configs=tuples,
    interactive=st.booleans(),
    cluster_name=texts,
    source_name=texts,
    kube_config=blobs,
    webhook_base_url=texts,
    webhook_full_url=texts,
)
externals = st.builds(
    ExternalRequest,
    payload=blobs,
    config=blobs,
    interactive=st.booleans(),
    cluster_name=texts,
    source_name=texts,
    webhook_base_url=texts,
    webhook_full_url=texts,
)


def test_required_sub_messages_are_there_even_if_empty() -> None:
    assert codec.encode_execute(ExecuteRequest(command="hi")).hex(" ") == "0a 02 68 69 1a 02 2a 00"
    assert bytes(codec.stream_request(StreamRequest())).hex(" ") == "1a 00"
    assert bytes(codec.external_request(ExternalRequest())).hex(" ") == "1a 00"


def test_an_execute_request_with_everything() -> None:
    request = ExecuteRequest(
        command="kubectl get po",
        configs=(b"a: 1", b""),
        interactive=True,
        slack_state=b"{}",
        kube_config=b"k",
        text="t",
        url="u",
        parent_activity_id="1.2",
        mention="<@U1>",
        display_name="Jane",
        webhook_base_url="http://x",
    )
    assert codec.encode_execute(request) == bytes(
        executor.ExecuteRequest(
            command="kubectl get po",
            configs=[executor.Config(raw_yaml=b"a: 1"), executor.Config(raw_yaml=b"")],
            context=executor.ExecuteContext(
                is_interactivity_supported=True,
                slack_state=b"{}",
                kube_config=b"k",
                message=executor.MessageContext(
                    text="t",
                    url="u",
                    parent_activity_id="1.2",
                    user=executor.UserContext(mention="<@U1>", display_name="Jane"),
                ),
                incoming_webhook=executor.IncomingWebhookContext(base_source_url="http://x"),
            ),
        )
    )


@given(executes)
def test_execute_request(request: ExecuteRequest) -> None:
    data = codec.encode_execute(request)
    generated = executor.ExecuteRequest().parse(data)
    assert codec.read_execute(generated) == request
    assert generated.command == request.command
    assert tuple(config.raw_yaml for config in generated.configs) == request.configs
    assert generated.context.slack_state == request.slack_state
    assert generated.context.message.user.display_name == request.display_name
    assert bytes(generated) == data


@given(tuples, blobs)
def test_execute_response(messages: tuple[bytes, ...], message: bytes) -> None:
    response = ExecuteResponse(message=message, messages=messages)
    data = bytes(codec.execute_response(response))
    assert data == bytes(executor.ExecuteResponse(message=message, messages=list(messages)))
    assert codec.read_execute_response(executor.ExecuteResponse().parse(data)) == response


@given(streams)
def test_stream_request(request: StreamRequest) -> None:
    data = bytes(codec.stream_request(request))
    generated = source.StreamRequest().parse(data)
    assert codec.read_stream_request(generated) == request
    assert generated.context.kube_config == request.kube_config
    assert generated.context.source_context.source_name == request.source_name
    webhook = generated.context.source_context.incoming_webhook
    assert webhook.full_url_for_source == request.webhook_full_url
    assert bytes(generated) == data


@given(externals)
def test_external_request(request: ExternalRequest) -> None:
    data = bytes(codec.external_request(request))
    generated = source.ExternalRequest().parse(data)
    assert codec.read_external_request(generated) == request
    assert generated.payload == request.payload
    assert generated.config.raw_yaml == request.config
    assert generated.context.source_context.cluster_name == request.cluster_name
    assert bytes(generated) == data


@given(st.binary(max_size=300))
def test_messages_of_one_field(event: bytes) -> None:
    data = bytes(source.StreamResponse(event=event))
    assert data == bytes(executor.HelpResponse(help=event))
    assert data == codec.encode_event(event)
    assert codec.decode_blob(data) == event
    assert codec.Event.FromString(data).data == event
    assert codec.read_help(executor.HelpResponse().parse(data)) == event
    assert codec.read_event(source.ExternalRequestResponse().parse(data)) == event


def test_a_streamed_event_with_more_than_its_field_is_read_in_full() -> None:
    assert codec.decode_blob(b"\x0a\x01a\x12\x01x") == b"a"  # an unknown field behind
    assert codec.decode_blob(b"\x12\x01x\x0a\x01a") == b"a"  # and in front
    assert codec.decode_blob(b"\x0a\x01a\x0a\x01b") == b"b"  # the last one wins


@pytest.mark.parametrize("data", [b"\x0a\x05a", b"\x0a", b"\x0a\xff", b"\x0a\x01ab", b"\x08\x05"])
def test_a_malformed_event_is_an_error(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        codec.decode_blob(data)


@pytest.mark.parametrize(
    "data", [b"\x0a\x05a", b"\x12\x03\x0a\x05a", b"\x18\x00" * 3000, b"\x08\x05"]
)
def test_a_malformed_reply_of_a_stream_is_an_error(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        codec.StreamReply.FromString(data)


def test_stdio() -> None:
    chunk = StdioChunk(channel="stderr", data=b"x")
    data = bytes(codec.stdio_data(chunk))
    assert data == bytes(
        plugin.StdioData(channel=plugin.StdioDataChannel.from_string("STDERR"), data=b"x")
    )
    assert codec.read_stdio(plugin.StdioData().parse(data)) == chunk
    for unknown in (b"\x0a\x01x", b"\x08\x07\x12\x01x"):  # no channel; one that is not known
        assert codec.read_stdio(plugin.StdioData().parse(unknown)) is None


@pytest.mark.parametrize(
    "data",
    [
        b"\x08\x05",  # the command is a number
        b"\x18\x05",  # so is the context
        b"\x12\x02\x08\x05",  # so is a configuration
        b"\x1a\x04\x2a\x02\x08\x05",  # so is the URL of the webhook
    ],
)
def test_a_number_in_place_of_something_else_is_an_error(data: bytes) -> None:
    with pytest.raises(ProtocolError, match="malformed message"):
        codec.read_execute(executor.ExecuteRequest().parse(data))


def test_a_source_is_checked_too() -> None:
    with pytest.raises(ProtocolError):
        codec.read_stream_request(source.StreamRequest().parse(b"\x18\x05"))
    with pytest.raises(ProtocolError):
        codec.read_external_request(source.ExternalRequest().parse(b"\x08\x05"))
    with pytest.raises(ProtocolError, match="int in place of bytes"):
        codec.read_event(source.ExternalRequestResponse().parse(b"\x08\x05"))
    with pytest.raises(ProtocolError):
        codec.read_stdio(plugin.StdioData().parse(b"\x08\x01\x10\x05"))


def test_a_reply_that_nobody_reads_may_be_anything() -> None:
    assert isinstance(codec.Unread.FromString(b"\xff"), codec.Unread)
    assert codec.Encoded(b"\x0a\x00").SerializeToString() == b"\x0a\x00"
