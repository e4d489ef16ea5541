"""What an author is told with a call."""

import msgspec
import pytest

from botkube.sdk import ExternalInput, UserError
from botkube.sdk.request import StateEntry, execute_input, external_input, parse_state, stream_input
from botkube.wire.messages import ExecuteRequest, ExternalRequest, StreamRequest

STATE = (
    b'{"values":{"b1":{"kubectl --verbs":{"action_id":"x","type":"static_select","value":"",'
    b'"selected_option":{"text":{"type":"plain_text","text":"get"},"value":"get"},"selected_options":null},'
    b'"many":{"type":"multi_static_select","selected_option":{"value":""},'
    b'"selected_options":[{"value":"a"},{"value":"b"}]},'
    b'"typed":{"type":"plain_text_input","value":"hello"},"nothing":{"type":"static_select"}}}}'
)


def test_state_of_the_other_elements() -> None:
    state = parse_state(STATE)["b1"]
    assert state["kubectl --verbs"] == StateEntry(type="static_select", values=("get",))
    assert state["many"].values == ("a", "b")
    assert state["typed"].value == "hello"
    assert state["nothing"].value == ""


@pytest.mark.parametrize("nothing", [b"", b"{}", b'{"values":null}'])
def test_no_state(nothing: bytes) -> None:
    assert parse_state(nothing) == {}


def test_an_execute_request_is_arranged_by_subject() -> None:
    given = execute_input(
        ExecuteRequest(
            command="echo hi",
            interactive=True,
            slack_state=STATE,
            kube_config=b"k",
            text="t",
            url="u",
            parent_activity_id="p",
            mention="<@1>",
            display_name="Ann",
            webhook_base_url="w",
        )
    )
    assert (given.command, given.interactive, given.kube_config) == ("echo hi", True, b"k")
    assert (given.user.mention, given.user.display_name) == ("<@1>", "Ann")
    assert (given.message.text, given.message.url, given.message.parent_activity_id) == (
        "t",
        "u",
        "p",
    )
    assert given.webhook_base_url == "w"
    assert "b1" in given.state


def test_stream_and_external_requests() -> None:
    stream = stream_input(
        StreamRequest(
            interactive=True,
            cluster_name="c",
            source_name="s",
            kube_config=b"k",
            webhook_base_url="b",
            webhook_full_url="f",
        )
    )
    assert (stream.interactive, stream.cluster_name, stream.source_name) == (True, "c", "s")
    assert (stream.kube_config, stream.webhook_base_url, stream.webhook_full_url) == (
        b"k",
        "b",
        "f",
    )
    external = external_input(
        ExternalRequest(
            payload=b"x",
            cluster_name="c",
            source_name="s",
            webhook_base_url="b",
            webhook_full_url="f",
        )
    )
    assert (external.webhook_base_url, external.webhook_full_url) == ("b", "f")
    assert (external.payload, external.cluster_name, external.source_name) == (b"x", "c", "s")


class Alert(msgspec.Struct):
    title: str
    count: int = 1


def test_the_payload_of_a_webhook_call_is_read_as_a_type() -> None:
    given = ExternalInput(payload=b'{"title": "Disk full", "count": 2, "more": []}')
    assert given.decode(Alert) == Alert("Disk full", 2)


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        (b"", "the payload does not fit: Input data was truncated"),
        (b"{", "the payload does not fit"),
        (b"{}", "title is missing"),
        (b'{"title": 1}', "title is 1, expected text"),
        (b"[" * 100_000, "the payload does not fit"),
    ],
)
def test_a_payload_that_does_not_fit_is_explained_to_the_caller(payload: bytes, said: str) -> None:
    with pytest.raises(UserError) as raised:
        ExternalInput(payload=payload).decode(Alert)
    assert said in str(raised.value)
