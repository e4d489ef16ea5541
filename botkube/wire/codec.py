"""Generated messages ⇄ the message values. Pure.

Sub-messages that existing plugins dereference without asking (`context`, `incomingWebhook`) are always written;
betterproto writes an empty one only if some field of it was given. It takes 0.4 ms to build and encode an
ExecuteRequest and 0.03 ms to encode or decode an event, so these are done by hand: the same bytes, the same value.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Literal, TypeVar

import betterproto
import msgspec

from botkube._proto import executor, plugin, source
from botkube._proto.botkube.plugin import v1
from botkube.model.errors import ProtocolError
from botkube.wire.messages import (
    ExecuteRequest,
    ExecuteResponse,
    ExternalRequest,
    StdioChunk,
    StreamRequest,
)
from botkube.wire.protobuf import (
    blob_field,
    check_message,
    flag_field,
    message_field,
    read_varint,
    text_field,
)

T = TypeVar("T")

_BLOB_1 = 0x0A  # the key of a field 1 that holds bytes
_CHANNELS: Mapping[int, Literal["stdout", "stderr"]] = {1: "stdout", 2: "stderr"}


class Encoded(bytes):
    """A message that is encoded already."""

    def SerializeToString(self) -> bytes:  # noqa: N802 - the name grpclib's codec calls
        """The message as it travels."""
        return self


class Event(msgspec.Struct, frozen=True):
    """`source.StreamResponse`, decoded in a fiftieth of the time."""

    data: bytes

    @classmethod
    def FromString(cls, data: bytes) -> "Event":  # noqa: N802 - the name grpclib's codec calls
        """Decode. Raises ProtocolError."""
        return cls(decode_blob(data))


class StreamReply(msgspec.Struct, frozen=True):
    """`botkube.plugin.v1.ExecuteStreamResponse`: output, or the result."""

    output: bytes = b""
    result: ExecuteResponse | None = None

    @classmethod
    def FromString(cls, data: bytes) -> "StreamReply":  # noqa: N802 - the name grpclib's codec calls
        """Decode. Raises ProtocolError."""
        output = _only_blob(data)
        if output is not None:
            return cls(output=output)
        check_message(data, v1.ExecuteStreamResponse)
        with _reading():
            message = v1.ExecuteStreamResponse().parse(data)
            found = betterproto.serialized_on_wire(message.result)
            result = read_execute_response(message.result) if found else None
            return cls(output=read_blob(message.output), result=result)

    def SerializeToString(self) -> bytes:  # noqa: N802 - the name grpclib's codec calls
        """The message as it travels; an empty result is one all the same."""
        result = b""
        if self.result is not None:
            result = message_field(2, bytes(execute_response(self.result)))
        return blob_field(1, self.output) + result


class Unread:
    """A reply of which only the arrival counts."""

    @classmethod
    def FromString(cls, _: bytes) -> "Unread":  # noqa: N802 - the name grpclib's codec calls
        """Take anything."""
        return cls()


def encode_execute(request: ExecuteRequest) -> bytes:
    """`executor.ExecuteRequest`."""
    user = text_field(1, request.mention) + text_field(2, request.display_name)
    message = text_field(1, request.text) + text_field(2, request.url)
    message += text_field(3, request.parent_activity_id) + blob_field(4, user)
    context = flag_field(1, flag=request.interactive) + blob_field(2, request.slack_state)
    context += blob_field(3, request.kube_config) + blob_field(4, message)
    context += message_field(5, text_field(1, request.webhook_base_url))
    configs = b"".join(message_field(2, blob_field(1, config)) for config in request.configs)
    return text_field(1, request.command) + configs + message_field(3, context)


def read_execute(message: executor.ExecuteRequest) -> ExecuteRequest:
    """The value of a request. Raises ProtocolError."""
    with _reading():
        context = message.context
        chat = context.message
        return _checked(
            ExecuteRequest,
            command=message.command,
            configs=[config.raw_yaml for config in message.configs],
            interactive=context.is_interactivity_supported,
            slack_state=context.slack_state,
            kube_config=context.kube_config,
            text=chat.text,
            url=chat.url,
            parent_activity_id=chat.parent_activity_id,
            mention=chat.user.mention,
            display_name=chat.user.display_name,
            webhook_base_url=context.incoming_webhook.base_source_url,
        )


def execute_response(response: ExecuteResponse) -> executor.ExecuteResponse:
    """The message of a response."""
    return executor.ExecuteResponse(message=response.message, messages=list(response.messages))


def read_execute_response(message: executor.ExecuteResponse) -> ExecuteResponse:
    """The value of a response. Raises ProtocolError."""
    with _reading():
        return _checked(ExecuteResponse, message=message.message, messages=message.messages)


def stream_request(request: StreamRequest) -> source.StreamRequest:
    """The message of a request."""
    return source.StreamRequest(
        configs=[source.Config(raw_yaml=config) for config in request.configs],
        context=source.StreamContext(
            source_context=_source_context(request), kube_config=request.kube_config
        ),
    )


def read_stream_request(message: source.StreamRequest) -> StreamRequest:
    """The value of a request. Raises ProtocolError."""
    with _reading():
        context = message.context
        return _checked(
            StreamRequest,
            configs=[config.raw_yaml for config in message.configs],
            kube_config=context.kube_config,
            **_read_source_context(context.source_context),
        )


def external_request(request: ExternalRequest) -> source.ExternalRequest:
    """The message of a request."""
    return source.ExternalRequest(
        payload=request.payload,
        config=source.Config(raw_yaml=request.config) if request.config else source.Config(),
        context=source.ExternalRequestContext(source_context=_source_context(request)),
    )


def read_external_request(message: source.ExternalRequest) -> ExternalRequest:
    """The value of a request. Raises ProtocolError."""
    with _reading():
        return _checked(
            ExternalRequest,
            payload=message.payload,
            config=message.config.raw_yaml,
            **_read_source_context(message.context.source_context),
        )


def decode_blob(data: bytes) -> bytes:
    """A message with one bytes field, number 1. Raises ProtocolError."""
    blob = _only_blob(data)
    if blob is not None:
        return blob
    check_message(data, source.StreamResponse)  # it has more than that field, or is malformed
    with _reading():
        return read_blob(source.StreamResponse().parse(data).event)


def _only_blob(data: bytes) -> bytes | None:
    """The content of field 1, if that is all there is: in a fiftieth of the time of a parser."""
    if data and data[0] == _BLOB_1:
        length, position = read_varint(data, 1)
        if position + length == len(data):
            return data[position:]
    return None


def encode_event(event: bytes) -> Encoded:
    """`source.StreamResponse`, encoded in a tenth of the time."""
    return Encoded(blob_field(1, event))


def read_help(message: executor.HelpResponse) -> bytes:
    """The JSON of a help message. Raises ProtocolError."""
    return read_blob(message.help)


def read_event(message: source.ExternalRequestResponse) -> bytes:
    """The JSON of an event. Raises ProtocolError."""
    return read_blob(message.event)


def read_blob(value: object) -> bytes:
    """A bytes field. Raises ProtocolError: it is none."""
    if not isinstance(value, bytes):
        raise ProtocolError(f"malformed message: {type(value).__name__} in place of bytes")
    return value


def stdio_data(chunk: StdioChunk) -> plugin.StdioData:
    """The message of a chunk."""
    channel = plugin.StdioDataChannel.from_string(chunk.channel.upper())
    return plugin.StdioData(channel=channel, data=chunk.data)


def read_stdio(message: plugin.StdioData) -> StdioChunk | None:
    """The value of a chunk; None for a channel that is not known. Raises ProtocolError."""
    number: object = message.channel  # betterproto stores what it finds, a list too
    channel = _CHANNELS.get(number) if isinstance(number, int) else None
    return StdioChunk(channel=channel, data=read_blob(message.data)) if channel else None


def _source_context(request: StreamRequest | ExternalRequest) -> source.SourceContext:
    webhook = _webhook(request)
    if not (request.interactive or request.cluster_name or request.source_name or bytes(webhook)):
        return source.SourceContext()
    return source.SourceContext(
        is_interactivity_supported=request.interactive,
        cluster_name=request.cluster_name,
        source_name=request.source_name,
        incoming_webhook=webhook,
    )


def _webhook(request: StreamRequest | ExternalRequest) -> source.IncomingWebhookContext:
    base, full = request.webhook_base_url, request.webhook_full_url
    if not (base or full):
        return source.IncomingWebhookContext()
    return source.IncomingWebhookContext(base_url=base, full_url_for_source=full)


def _read_source_context(context: source.SourceContext) -> dict[str, object]:
    return {
        "interactive": context.is_interactivity_supported,
        "cluster_name": context.cluster_name,
        "source_name": context.source_name,
        "webhook_base_url": context.incoming_webhook.base_url,
        "webhook_full_url": context.incoming_webhook.full_url_for_source,
    }


def _checked(kind: type[T], **values: object) -> T:
    """A value whose fields have the right types: betterproto stores what it finds."""
    return msgspec.convert(values, kind)


@contextmanager
def _reading() -> Iterator[None]:
    try:
        yield
    except ProtocolError:
        raise
    except Exception as error:  # a number in place of a sub-message has no fields
        raise ProtocolError(f"malformed message: {error}") from error
