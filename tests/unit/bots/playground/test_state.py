"""What a client says of a message's elements, with kinds and names out of the stored message."""

import msgspec
import pytest

from botkube.bots.playground.state import FormState, Value, state_of
from botkube.model.slackstate import Element, Option, State, Text

BODY = {
    "sections": [
        {
            "selects": {
                "id": "b1",
                "items": [
                    {
                        "command": "@Botkube x --verb",
                        "optionGroups": [{"options": [{"name": "Get", "value": "get"}]}],
                    },
                    {"command": "@Botkube x --any", "type": "external"},
                ],
            },
            "multiSelect": {
                "command": "@Botkube x --many",
                "options": [{"name": "A", "value": "a"}, {"name": "B", "value": "b"}],
            },
            "plaintextInputs": None,
        },
        None,
    ],
    "messages": [{"plaintextInputs": [{"command": "@Botkube x --text="}]}],
}


def element(action: str, value: Value) -> Element:
    data = state_of(BODY, {"b1": {f"@Botkube {action}": value}})
    [found] = msgspec.json.decode(data, type=State).values["b1"].values()
    assert (found.action_id, found.block_id) == (f"@Botkube {action}", "b1")
    return found


def option(value: str, name: str) -> Option:
    return Option(text=Text(type="plain_text", text=name), value=value)


@pytest.mark.parametrize(
    ("action", "value", "option_"),
    [
        ("x --verb", "get", option("get", "Get")),
        ("x --verb", "other", option("other", "other")),
        ("x --any", "what", option("what", "what")),
        ("not in the message", "x", option("x", "x")),
    ],
)
def test_a_select(action: str, value: str, option_: Option) -> None:
    found = element(action, value)
    assert (found.type, found.selected_option, found.value) == ("static_select", option_, "")


@pytest.mark.parametrize(
    ("action", "value", "options"),
    [
        ("x --many", ("a", "b"), (option("a", "A"), option("b", "B"))),
        ("x --many", "a", (option("a", "A"),)),
        ("not in the message", ("c",), (option("c", "c"),)),
    ],
)
def test_a_multi_select(action: str, value: Value, options: tuple[Option, ...]) -> None:
    found = element(action, value)
    assert (found.type, found.selected_options) == ("multi_static_select", options)


def test_an_input_of_a_further_message() -> None:
    found = element("x --text=", "some words")
    assert (found.type, found.value) == ("plain_text_input", "some words")
    assert found.selected_option == Option()


@pytest.mark.parametrize(
    "state", [None, {}, {"b": {}}, {"b": {"a": None}}, {"b": {"a": "", "c": ()}}]
)
def test_no_state_is_nothing(state: FormState | None) -> None:
    assert state_of(BODY, state) == b""


@pytest.mark.parametrize("body", [None, [], 5, {"sections": 5, "selects": [], "multiSelect": []}])
def test_odd_bodies(body: object) -> None:
    assert b'"static_select"' in state_of(body, {"b": {"a": "x"}})
