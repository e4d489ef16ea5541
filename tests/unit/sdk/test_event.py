from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from botkube.model.message import decode_source_event
from botkube.sdk import Event, InvalidMessage, Message, plaintext
from botkube.sdk.event import encode_event


@dataclass
class Pod:
    Kind: str
    At: datetime


def test_anything_that_can_be_json_is_a_raw_object() -> None:
    pod = Pod("Pod <1>", datetime(2026, 11, 22, tzinfo=UTC))
    written = encode_event(Event(message=plaintext("hi"), raw=pod, labels={"kind": "Pod"}))
    assert rb'"RawObject":{"Kind":"Pod \u003c1\u003e","At":"2026-11-22T00:00:00Z"}' in written
    event = decode_source_event(written)
    assert event.message == plaintext("hi")
    assert event.analytics_labels == {"kind": "Pod"}


def test_an_empty_event_has_nulls() -> None:
    assert encode_event(Event()).endswith(b'"RawObject":null,"AnalyticsLabels":null}')


def test_a_message_that_a_host_would_drop_is_not_sent() -> None:
    with pytest.raises(InvalidMessage, match="is not a time with a zone"):
        encode_event(Event(message=Message(timestamp="today")))
