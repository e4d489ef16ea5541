"""Protobuf bytes ⇄ Metadata.

Only index tools ask for it, so this is the one user of the generated messages: importing them takes 40 ms and
3.5 MiB, which callers put off until then.
"""

from collections.abc import Mapping

import msgspec

from botkube._proto import executor, source
from botkube.model.errors import ProtocolError
from botkube.wire.messages import Metadata
from botkube.wire.protobuf import Fields

# Where sub-messages are, by field number: betterproto takes a field that is cut off for a shorter one.
_SCHEMA: "Shape" = {}
_DEPENDENCIES: "Shape" = {2: {1: {}}}
_EXTERNAL: "Shape" = {1: {1: _SCHEMA}}
_EXECUTOR_SHAPE: "Shape" = {3: _SCHEMA, 4: _DEPENDENCIES}
_SOURCE_SHAPE: "Shape" = {3: _SCHEMA, 4: _DEPENDENCIES, 5: _EXTERNAL}

Shape = Mapping[int, "Shape"]


def encode_executor_metadata(metadata: Metadata) -> bytes:
    """`executor.MetadataResponse`."""
    message = executor.MetadataResponse(
        version=metadata.version,
        description=metadata.description,
        documentation_url=metadata.documentation_url,
        recommended=metadata.recommended,
        json_schema=executor.JsonSchema(
            value=metadata.json_schema, ref_url=metadata.schema_ref_url
        ),
        dependencies={
            name: executor.Dependency(urls=dict(urls))
            for name, urls in metadata.dependencies.items()
        },
    )
    return bytes(message)


def encode_source_metadata(metadata: Metadata) -> bytes:
    """`source.MetadataResponse`."""
    message = source.MetadataResponse(
        version=metadata.version,
        description=metadata.description,
        documentation_url=metadata.documentation_url,
        recommended=metadata.recommended,
        json_schema=source.JsonSchema(value=metadata.json_schema, ref_url=metadata.schema_ref_url),
        dependencies={
            name: source.Dependency(urls=dict(urls)) for name, urls in metadata.dependencies.items()
        },
        external_request=_external(metadata.external_request_schema),
    )
    return bytes(message)


def decode_executor_metadata(data: bytes) -> Metadata:
    """`executor.MetadataResponse`. Raises ProtocolError."""
    _check(data, _EXECUTOR_SHAPE)
    try:
        return _convert(executor.MetadataResponse().parse(data), None)
    except Exception as error:  # betterproto raises whatever its parser stumbles over
        raise ProtocolError(f"malformed plugin metadata: {error!r}") from error


def decode_source_metadata(data: bytes) -> Metadata:
    """`source.MetadataResponse`. Raises ProtocolError."""
    _check(data, _SOURCE_SHAPE)
    try:
        message = source.MetadataResponse().parse(data)
        return _convert(message, _external_schema(message))
    except Exception as error:  # betterproto raises whatever its parser stumbles over
        raise ProtocolError(f"malformed plugin metadata: {error!r}") from error


def _check(data: bytes, shape: Shape) -> None:
    fields = Fields(data)
    for number, inner in shape.items():
        for item in fields.items(number):
            _check(item, inner)


def _convert(
    message: executor.MetadataResponse | source.MetadataResponse, external_schema: str | None
) -> Metadata:
    values = {
        "version": message.version,
        "description": message.description,
        "json_schema": message.json_schema.value,
        "schema_ref_url": message.json_schema.ref_url,
        "documentation_url": message.documentation_url,
        "recommended": message.recommended,
        "dependencies": {name: item.urls for name, item in message.dependencies.items()},
        "external_request_schema": external_schema,
    }
    return msgspec.convert(values, Metadata)  # checks the types: betterproto stores what it finds


def _external(schema: str | None) -> source.ExternalRequestMetadata | None:
    if schema is None:
        return None
    payload = source.ExternalRequestPayloadMetadata(json_schema=source.JsonSchema(value=schema))
    return source.ExternalRequestMetadata(payload=payload)


def _external_schema(message: source.MetadataResponse) -> str | None:
    external = message.external_request
    if external is None:
        return None
    return external.payload.json_schema.value if external.payload else ""
