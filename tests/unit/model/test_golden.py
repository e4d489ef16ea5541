"""Messages and events byte for byte as Go's encoding/json writes them (tests/interop/cmd/messages made the file)."""

from pathlib import Path

import msgspec
import pytest

from botkube.model.message import (
    decode_message,
    decode_source_event,
    encode_message,
    encode_source_event,
)

FILE = Path(__file__).parents[2] / "data" / "go-messages.json"
GALLERY = [bytes(item) for item in msgspec.json.decode(FILE.read_bytes(), type=list[msgspec.Raw])]


@pytest.mark.parametrize("written", GALLERY)
def test_round_trip(written: bytes) -> None:
    if b'"RawObject":' in written:
        assert encode_source_event(decode_source_event(written)) == written
    else:
        assert encode_message(decode_message(written)) == written


def test_the_gallery_is_there() -> None:
    assert len(GALLERY) == 9
