"""Generated messages ⇄ Metadata. Pure."""

import msgspec

from botkube._proto import executor, source
from botkube.model.errors import ProtocolError
from botkube.wire.messages import Metadata


def executor_metadata(metadata: Metadata) -> executor.MetadataResponse:
    """The message of an executor."""
    return executor.MetadataResponse(
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


def source_metadata(metadata: Metadata) -> source.MetadataResponse:
    """The message of a source."""
    return source.MetadataResponse(
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


def read_metadata(message: executor.MetadataResponse | source.MetadataResponse) -> Metadata:
    """The value of either. Raises ProtocolError."""
    try:
        values = {
            "version": message.version,
            "description": message.description,
            "json_schema": message.json_schema.value,
            "schema_ref_url": message.json_schema.ref_url,
            "documentation_url": message.documentation_url,
            "recommended": message.recommended,
            "dependencies": {name: item.urls for name, item in message.dependencies.items()},
            "external_request_schema": _external_schema(message),
        }
        return msgspec.convert(
            values, Metadata
        )  # checks the types: betterproto stores what it finds
    except Exception as error:  # a number in place of a sub-message has no fields
        raise ProtocolError(f"malformed plugin metadata: {error!r}") from error


def _external(schema: str | None) -> source.ExternalRequestMetadata | None:
    if schema is None:
        return None
    payload = source.ExternalRequestPayloadMetadata(json_schema=source.JsonSchema(value=schema))
    return source.ExternalRequestMetadata(payload=payload)


def _external_schema(
    message: executor.MetadataResponse | source.MetadataResponse,
) -> str | None:
    external = message.external_request if isinstance(message, source.MetadataResponse) else None
    if external is None:
        return None
    return external.payload.json_schema.value if external.payload else ""
