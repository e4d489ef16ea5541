"""The form in which plugins read what a message's elements hold."""

import json

import pytest

from botkube.model.errors import ProtocolError
from botkube.model.slackstate import (
    Element,
    State,
    encode_state,
    for_plugins,
    one_of,
    option,
    some_of,
    typed,
)

FLAG = '--cluster-name="stage" '
OPTION = {"text": None, "value": ""}
ZERO = {  # as Go writes it, key by key
    "action_id": "",
    "block_id": "",
    "type": "",
    "text": {"type": "", "text": ""},
    "value": "",
    "files": None,
    "action_ts": "",
    "selected_option": OPTION,
    "selected_options": None,
    "selected_user": "",
    "selected_users": None,
    "selected_channel": "",
    "selected_channels": None,
    "selected_conversation": "",
    "selected_conversations": None,
    "selected_date": "",
    "selected_time": "",
    "selected_date_time": 0,
    "initial_option": OPTION,
    "initial_user": "",
    "initial_channel": "",
    "initial_conversation": "",
    "initial_date": "",
    "initial_time": "",
}


def chosen(value: str, name: str = "") -> dict[str, object]:
    return {"text": {"type": "plain_text", "text": name or value}, "value": value}


@pytest.mark.parametrize(
    ("element", "wanted"),
    [
        (Element(), {}),
        (
            one_of(option("get", "Get")),
            {"type": "static_select", "selected_option": chosen("get", "Get")},
        ),
        (
            some_of([option("a"), option("b")]),
            {"type": "multi_static_select", "selected_options": [chosen("a"), chosen("b")]},
        ),
        (typed("some words"), {"type": "plain_text_input", "value": "some words"}),
    ],
)
def test_every_key_is_written_as_go_does(element: Element, wanted: dict[str, object]) -> None:
    data = json.loads(encode_state({"b": {"a": element}}))
    whole = {**ZERO, **wanted, "action_id": "a", "block_id": "b"}
    assert data == {"values": {"b": {"a": whole}}}
    assert list(data["values"]["b"]["a"]) == list(ZERO)


def test_the_mention_and_the_clusters_flag_are_taken_out() -> None:
    given = {
        f"b {FLAG}1": {
            f"<@U1>  kubectl {FLAG}get": one_of(option(f"x {FLAG}y")),
            f"<@U1> last {FLAG}": typed(f"v {FLAG}w"),
            f"<@U1> shorn {FLAG}".strip(): typed('--cluster-name="other" z '),
        }
    }
    cleaned = json.loads(for_plugins(encode_state(given), bot="<@U1>", cluster="stage"))
    [elements] = cleaned["values"].values()
    assert list(cleaned["values"]) == ["b 1"]
    assert list(elements) == ["kubectl get", "last", "shorn"]
    assert elements["kubectl get"]["selected_option"]["value"] == "x y"
    assert elements["last"]["value"] == "v w"
    assert elements["shorn"]["value"] == '--cluster-name="other" z '
    for action, element in elements.items():
        assert (element["action_id"], element["block_id"]) == (action, "b 1")


def test_a_callback_of_slack_is_read_as_go_reads_it() -> None:
    emoji = {"type": "plain_text", "text": "Pods", "emoji": True}
    raw = {
        "values": {
            "b": {
                "<@U1> a": {
                    "type": "static_select",
                    "selected_option": {"text": emoji, "value": "pods", "description": None},
                    "value": None,
                    "rich_text_value": {"of": "no interest"},
                    "files": [{"id": "F1"}],
                },
                "<@U1> b": {"type": "users_select", "selected_user": "U2"},
                "<@U1> c": {"type": "static_select", "selected_option": None},
            }
        }
    }
    found = json.loads(for_plugins(json.dumps(raw).encode(), bot="<@U1>", cluster="c"))
    elements = found["values"]["b"]
    assert elements["a"]["selected_option"] == {"text": emoji, "value": "pods"}
    assert (elements["a"]["value"], elements["a"]["files"]) == ("", None)
    assert elements["b"]["selected_user"] == "U2"
    assert elements["c"] == ZERO | {"type": "static_select", "action_id": "c", "block_id": "b"}


@pytest.mark.parametrize("state", [b"", b"{}", b'{"values":null}', b'{"values":{"b":{}}}'])
def test_no_state_is_nothing(state: bytes) -> None:
    assert for_plugins(state, bot="@Botkube", cluster="c") == b""
    assert encode_state(State().values) == b""


@pytest.mark.parametrize(
    "state", [b"{", b"[]", b'{"values":5}', b'{"values":{"b":{"a":{"value":5}}}}', b"\xff"]
)
def test_another_form_is_refused(state: bytes) -> None:
    with pytest.raises(ProtocolError, match="no block state"):
        for_plugins(state, bot="@Botkube", cluster="c")
