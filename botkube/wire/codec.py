"""Protobuf bytes ⇄ the message values. Pure.

Sub-messages that existing plugins dereference without asking (`context`, `incomingWebhook`) are always written.
The bytes equal those of protobuf's own encoders; field numbers are those of proto/*.proto.
"""

from typing import Literal

from botkube.wire.messages import (
    ExecuteRequest,
    ExecuteResponse,
    ExternalRequest,
    StdioChunk,
    StreamRequest,
)
from botkube.wire.protobuf import (
    Fields,
    blob_field,
    message_field,
    number_field,
    read_varint,
    text_field,
)

_BLOB_1 = 0x0A  # the key of a field 1 that holds bytes
_SERVING = 1
_CHANNELS: dict[int, Literal["stdout", "stderr"]] = {1: "stdout", 2: "stderr"}


def encode_execute(request: ExecuteRequest) -> bytes:
    """`executor.ExecuteRequest`."""
    user = text_field(1, request.mention) + text_field(2, request.display_name)
    message = text_field(1, request.text) + text_field(2, request.url)
    message += text_field(3, request.parent_activity_id) + blob_field(4, user)
    context = number_field(1, request.interactive) + blob_field(2, request.slack_state)
    context += blob_field(3, request.kube_config) + blob_field(4, message)
    context += message_field(5, text_field(1, request.webhook_base_url))
    return text_field(1, request.command) + _configs(2, request.configs) + message_field(3, context)


def decode_execute(data: bytes) -> ExecuteRequest:
    """`executor.ExecuteRequest`. Raises ProtocolError."""
    fields = Fields(data)
    context = fields.message(3)
    message = context.message(4)
    user = message.message(4)
    return ExecuteRequest(
        command=fields.text(1),
        configs=_read_configs(fields, 2),
        interactive=bool(context.number(1)),
        slack_state=context.blob(2),
        kube_config=context.blob(3),
        text=message.text(1),
        url=message.text(2),
        parent_activity_id=message.text(3),
        mention=user.text(1),
        display_name=user.text(2),
        webhook_base_url=context.message(5).text(1),
    )


def encode_execute_response(response: ExecuteResponse) -> bytes:
    """`executor.ExecuteResponse`."""
    more = b"".join(message_field(2, message) for message in response.messages)
    return blob_field(1, response.message) + more


def decode_execute_response(data: bytes) -> ExecuteResponse:
    """`executor.ExecuteResponse`. Raises ProtocolError."""
    fields = Fields(data)
    return ExecuteResponse(message=fields.blob(1), messages=fields.items(2))


def encode_stream_request(request: StreamRequest) -> bytes:
    """`source.StreamRequest`."""
    context = blob_field(1, _source_context(request)) + blob_field(2, request.kube_config)
    return _configs(1, request.configs) + message_field(3, context)


def decode_stream_request(data: bytes) -> StreamRequest:
    """`source.StreamRequest`. Raises ProtocolError."""
    fields = Fields(data)
    context = fields.message(3)
    source = context.message(1)
    return StreamRequest(
        configs=_read_configs(fields, 1),
        interactive=bool(source.number(1)),
        cluster_name=source.text(2),
        source_name=source.text(3),
        kube_config=context.blob(2),
        webhook_base_url=source.message(4).text(1),
        webhook_full_url=source.message(4).text(2),
    )


def encode_external(request: ExternalRequest) -> bytes:
    """`source.ExternalRequest`."""
    config = message_field(2, blob_field(1, request.config)) if request.config else b""
    context = message_field(3, blob_field(1, _source_context(request)))
    return blob_field(1, request.payload) + config + context


def decode_external(data: bytes) -> ExternalRequest:
    """`source.ExternalRequest`. Raises ProtocolError."""
    fields = Fields(data)
    source = fields.message(3).message(1)
    return ExternalRequest(
        payload=fields.blob(1),
        config=fields.message(2).blob(1),
        interactive=bool(source.number(1)),
        cluster_name=source.text(2),
        source_name=source.text(3),
        webhook_base_url=source.message(4).text(1),
        webhook_full_url=source.message(4).text(2),
    )


def encode_blob(data: bytes) -> bytes:
    """A message with one bytes field, number 1: StreamResponse, ExternalRequestResponse, HelpResponse."""
    return blob_field(1, data)


def decode_blob(data: bytes) -> bytes:
    """The other direction, quick for the plain case because every streamed event takes it. Raises ProtocolError."""
    if data and data[0] == _BLOB_1:
        length, position = read_varint(data, 1)
        if position + length == len(data):
            return data[position:]
    return Fields(data).blob(1)


def encode_stdio(chunk: StdioChunk) -> bytes:
    """`plugin.StdioData`."""
    return number_field(1, 1 if chunk.channel == "stdout" else 2) + blob_field(2, chunk.data)


def decode_stdio(data: bytes) -> StdioChunk | None:
    """`plugin.StdioData`; None for a channel that is not known. Raises ProtocolError."""
    fields = Fields(data)
    channel = _CHANNELS.get(fields.number(1))
    return StdioChunk(channel=channel, data=fields.blob(2)) if channel else None


def encode_health_request(service: str) -> bytes:
    """`grpc.health.v1.HealthCheckRequest`."""
    return text_field(1, service)


def decode_health_request(data: bytes) -> str:
    """`grpc.health.v1.HealthCheckRequest`: the name of the service. Raises ProtocolError."""
    return Fields(data).text(1)


def encode_serving() -> bytes:
    """`grpc.health.v1.HealthCheckResponse` with SERVING."""
    return number_field(1, _SERVING)


def _configs(number: int, configs: tuple[bytes, ...]) -> bytes:
    return b"".join(message_field(number, blob_field(1, config)) for config in configs)


def _read_configs(fields: Fields, number: int) -> tuple[bytes, ...]:
    return tuple(Fields(item).blob(1) for item in fields.items(number))


def _source_context(request: StreamRequest | ExternalRequest) -> bytes:
    webhook = text_field(1, request.webhook_base_url) + text_field(2, request.webhook_full_url)
    names = text_field(2, request.cluster_name) + text_field(3, request.source_name)
    return number_field(1, request.interactive) + names + blob_field(4, webhook)
