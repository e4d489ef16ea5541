"""Frames are read leniently, and what has an envelope is acknowledged whatever is in it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botkube.bots.slack.hearing.frames import (
    Disconnect,
    Envelope,
    EventCallback,
    Garbage,
    Hello,
    Interaction,
    SlashCommand,
    ack,
    decode_frame,
)
from tests.fakes.slack.envelopes import clicked, envelope, event, slash

HELLO = (
    '{"type":"hello","num_connections":2,"connection_info":{"app_id":"A1"},'
    '"debug_info":{"host":"h","started":"x","build_number":1,"approximate_connection_time":18060}}'
)


def test_hello_counts_the_sockets_of_the_app() -> None:
    assert decode_frame(HELLO) == Hello(num_connections=2, app_id="A1")
    assert decode_frame('{"type":"hello","connection_info":null}') == Hello()


@pytest.mark.parametrize("reason", ["warning", "refresh_requested", "link_disabled", "new one", ""])
def test_a_disconnect_says_why(reason: str) -> None:
    assert decode_frame(json.dumps({"type": "disconnect", "reason": reason})) == Disconnect(
        reason=reason
    )


@pytest.mark.parametrize(
    ("frame", "kind"),
    [
        (event(), EventCallback),
        (event(extra={"deep": [1]}, blocks=None, thread_ts=None), EventCallback),
        (event(type="channel_rename", channel={"id": "C1", "name": "new"}), EventCallback),
        (event(type="user_change", user={"id": "U1"}, ts=12), EventCallback),
        (clicked({"type": "button", "value": None}), Interaction),
        (clicked(channel=None, message=None, state=None), Interaction),
        (slash("ping", user_name=None), SlashCommand),
        (envelope("interactive", None), Interaction),
        (envelope("brand_new", {"a": 1}), type(None)),
    ],
)
def test_an_envelope_is_read_and_acknowledged(frame: str, kind: type) -> None:
    found = decode_frame(frame.encode())
    assert isinstance(found, Envelope)
    assert isinstance(found.payload, kind)
    assert ack(found) == b'{"envelope_id":"e-1"}'


@pytest.mark.parametrize(
    ("frame", "acknowledged"),
    [
        ("", False),
        ("not json", False),
        ("[1]", False),
        ("5", False),
        ('{"envelope_id":"e-1"}', True),
        ('{"type":5,"envelope_id":"e-1"}', True),
        ('{"type":"events_api"}', False),
        ('{"type":"events_api","envelope_id":7}', False),
        (event(text=5), True),
        (envelope("interactive", "text"), True),
        (envelope("interactive", {"actions": {"a": 1}}), True),
        ('{"type":"hello","num_connections":"two"}', False),
        ("[" * 100_000, False),
        ("\ud800", False),
    ],
)
def test_garbage_is_a_value_too(frame: str, *, acknowledged: bool) -> None:
    found = decode_frame(frame.encode(errors="surrogatepass"))
    assert isinstance(found, Garbage)
    assert found.reason
    assert (ack(found) is not None) is acknowledged


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5),
                    lambda child: st.lists(child, max_size=3) | st.dictionaries(
                        st.sampled_from(["type", "event", "actions", "view", "user", "x"]), child)))  # fmt: skip
def test_no_payload_breaks_the_reader(payload: object) -> None:
    for kind in ("events_api", "interactive", "slash_commands", "hello", "disconnect"):
        decode_frame(envelope(kind, payload))


def test_an_answer_goes_along_only_where_slack_takes_it() -> None:
    answer: dict[str, object] = {"options": []}
    takes = decode_frame(envelope("interactive", {}, accepts_response_payload=True))
    assert ack(takes, answer) == b'{"envelope_id":"e-1","payload":{"options":[]}}'
    assert ack(decode_frame(envelope("interactive", {})), answer) == b'{"envelope_id":"e-1"}'


def test_what_needs_no_acknowledgement_has_none() -> None:
    assert ack(Hello()) is None
    assert ack(Disconnect()) is None


def test_a_redelivery_says_so() -> None:
    frame = decode_frame(envelope("events_api", {}, retry_attempt=2, retry_reason="timeout"))
    assert isinstance(frame, Envelope)
    assert frame.retry == 2
