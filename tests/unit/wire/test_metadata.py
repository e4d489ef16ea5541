import pytest
from grpclib.exceptions import GRPCError

from botkube._proto import executor, source
from botkube.model.errors import ProtocolError
from botkube.wire.messages import Metadata
from botkube.wire.metadata import executor_metadata, read_metadata, source_metadata
from botkube.wire.transport.codec import StrictCodec

FULL = Metadata(
    version="v1",
    description="d",
    json_schema='{"type":"object"}',
    schema_ref_url="https://x",
    documentation_url="https://docs",
    recommended=True,
    dependencies={"kubectl": {"linux/amd64": "https://k", "darwin/arm64": "https://d"}},
)


def test_an_executors_metadata_survive() -> None:
    message = executor.MetadataResponse().parse(bytes(executor_metadata(FULL)))
    assert read_metadata(message) == FULL
    assert message.documentation_url == "https://docs"


@pytest.mark.parametrize("schema", [None, "", '{"type":"string"}'])
def test_a_sources_metadata_survive(schema: str | None) -> None:
    metadata = Metadata(**{**fields(FULL), "external_request_schema": schema})  # type: ignore[arg-type] # they are its own
    message = source.MetadataResponse().parse(bytes(source_metadata(metadata)))
    assert read_metadata(message) == metadata


def test_little_is_enough() -> None:
    assert decode_executor_metadata(b"") == Metadata(version="", description="")
    assert decode_source_metadata(b"\x2a\x00").external_request_schema == ""


@pytest.mark.parametrize(
    "data",
    [
        b"\x08\x05",  # the version is a number
        b"\x0a\x01\xff",  # not UTF-8
        b"\x0a\x05h",  # cut off
        b"\x1a\x03\x0a\x05h",  # cut off inside the schema
        b"\x22\x03\x0a\x05k",  # cut off inside a dependency
        b"\x1a\x00\x18\x05",  # a number in place of the schema
        b"\x30\xff",  # half an integer
    ],
)
def test_malformed_metadata_are_an_error(data: bytes) -> None:
    with pytest.raises((GRPCError, ProtocolError)):
        decode_executor_metadata(data)
    with pytest.raises((GRPCError, ProtocolError)):
        decode_source_metadata(data)


def test_numbers_of_the_two_kinds_differ() -> None:
    data = bytes(source.MetadataResponse(documentation_url="https://docs"))
    assert decode_source_metadata(data).documentation_url == "https://docs"
    with pytest.raises(ProtocolError, match="recommended"):
        decode_executor_metadata(data)


def decode_executor_metadata(data: bytes) -> Metadata:
    """As a call does: what the codec lets pass, the reader has to find."""
    return read_metadata(StrictCodec().decode(data, executor.MetadataResponse))


def decode_source_metadata(data: bytes) -> Metadata:
    return read_metadata(StrictCodec().decode(data, source.MetadataResponse))


def fields(metadata: Metadata) -> dict[str, object]:
    return {name: getattr(metadata, name) for name in metadata.__struct_fields__}
