"""A plugin's event becomes one of ours."""

import json

import pytest

from botkube.bridges.event import event_of
from botkube.model.errors import ProtocolError


def test_an_event_gets_an_id_and_keeps_what_the_plugin_said() -> None:
    raw = b'{"Message":{"baseBody":{"plaintext":"hi"}},"RawObject":{"n":1}}'
    first, second = (event_of(raw, "beat", 5.0) for _ in range(2))
    assert first.id != second.id
    assert (first.source, first.received_at) == ("beat", 5.0)
    assert json.loads(first.message)["baseBody"] == {"plaintext": "hi"}
    assert json.loads(first.raw) == {"n": 1}


@pytest.mark.parametrize("raw", [b"", b"null", b"{}"])
def test_nothing_is_the_empty_event(raw: bytes) -> None:
    assert event_of(raw, "beat", 5.0).raw == b"null"


@pytest.mark.parametrize("raw", [b"{", b"[]", b'{"Message":5}'])
def test_nonsense(raw: bytes) -> None:
    with pytest.raises(ProtocolError):
        event_of(raw, "beat", 5.0)
