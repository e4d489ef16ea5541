"""Elements lead back to the exact command, from their ids or from what was kept; state has the form of plugins."""

import json

import pytest

from botkube.bots.slack.drawing.links import Forgotten, key_of
from botkube.bots.slack.hearing.frames import Action, Envelope, decode_frame
from botkube.bots.slack.hearing.inbound import read
from botkube.bots.slack.hearing.used import Command, Used, commands, needs, state_of
from botkube.model.command import Origin
from botkube.model.slackstate import Option, for_plugins
from tests.fakes.slack.envelopes import BOT, clicked, submitted

MENTION = f"<@{BOT}>"
LONG = f"{MENTION} echo {'é' * 300}"


def used(frame: str) -> Used:
    found = decode_frame(frame)
    assert isinstance(found, Envelope)
    request = read(found, BOT)
    assert isinstance(request, Used)
    return request


def options(*values: str) -> list[dict[str, object]]:
    return [{"text": {"type": "plain_text", "text": value}, "value": value} for value in values]


@pytest.mark.parametrize(
    ("action", "command", "origin"),
    [
        ({"type": "button", "value": f"{MENTION} help"}, "help", Origin.BUTTON),
        (
            {"type": "button", "action_id": f"cmd:{MENTION} help", "value": f"{MENTION} help"},
            "help",
            Origin.BUTTON,
        ),
        ({"type": "button", "value": f"{MENTION} echo &lt; “x”"}, "echo &lt; “x”", Origin.BUTTON),
        ({"type": "button", "value": key_of(LONG)}, f"echo {'é' * 300}", Origin.BUTTON),
        (
            {
                "type": "static_select",
                "action_id": f"{MENTION} get",
                "selected_option": options("pods")[0],
            },
            "get pods",
            Origin.SELECT,
        ),
        (
            {
                "type": "external_select",
                "action_id": f"{MENTION} get",
                "selected_option": options("x")[0],
            },
            "get x",
            Origin.SELECT,
        ),
        (
            {
                "type": "multi_static_select",
                "action_id": f"{MENTION} edit SourceBindings",
                "selected_options": options("k8s-err", "prom"),
            },
            "edit SourceBindings k8s-err,prom",
            Origin.MULTI_SELECT,
        ),
        (
            {
                "type": "multi_external_select",
                "action_id": f"{MENTION} edit",
                "selected_options": options(key_of(LONG)),
            },
            f"edit {LONG}",
            Origin.MULTI_SELECT,
        ),
        (
            {"type": "multi_static_select", "action_id": f"{MENTION} edit", "selected_options": []},
            "edit",
            Origin.MULTI_SELECT,
        ),
        (
            {
                "type": "plain_text_input",
                "block_id": f"{MENTION} logs --filter=",
                "value": ' err "x" ',
            },
            'logs --filter="err \\"x\\""',
            Origin.INPUT,
        ),
        (
            {
                "type": "plain_text_input",
                "block_id": "~other",
                "action_id": f"{MENTION} f ",
                "value": "é\n",
            },
            'f "é"',
            Origin.INPUT,
        ),
    ],
)
def test_a_command(action: dict[str, object], command: str, origin: Origin) -> None:
    found = used(clicked(action))
    assert commands(found, {key_of(LONG): LONG}, BOT) == (Command(text=command, origin=origin),)


@pytest.mark.parametrize(
    "action",
    [
        {"type": "button", "value": "rm -rf /"},
        {"type": "button", "action_id": "none:1"},
        {
            "type": "static_select",
            "action_id": "none:1",
            "selected_option": {"value": "no-resources"},
        },
        {"type": "static_select", "action_id": "<@UOTHER> get", "selected_option": None},
    ],
)
def test_an_element_without_a_command_of_the_bot_runs_nothing(action: dict[str, object]) -> None:
    assert commands(used(clicked(action)), {}, BOT) == ()


def test_what_is_not_kept_any_more_is_forgotten() -> None:
    found = used(clicked({"type": "button", "value": key_of(LONG)}))
    assert needs(found) == (key_of(LONG),)
    with pytest.raises(Forgotten):
        commands(found, {}, BOT)


def test_each_value_of_a_modal_is_a_command() -> None:
    values = {
        "b1": {
            f"{MENTION} edit": {
                "type": "multi_static_select",
                "selected_options": options("a", "b"),
            }
        },
        f"{MENTION} note=": {f"{MENTION} note=": {"type": "plain_text_input", "value": None}},
    }
    found = used(submitted(values))
    assert [command.text for command in commands(found, {}, BOT)] == ["edit a,b", 'note=""']


def test_the_state_is_what_plugins_read() -> None:
    element = {"type": "static_select", "selected_option": options(key_of(LONG))[0]}
    state = {"values": {"b1": {f"{MENTION} kubectl @builder --verbs": element}}}
    found = used(clicked({"type": "button", "value": f"{MENTION} x"}, state=state))
    assert needs(found) == (key_of(LONG),)
    read_by_plugin = json.loads(
        for_plugins(state_of(found, {key_of(LONG): LONG}), bot=MENTION, cluster="dev")
    )
    chosen = read_by_plugin["values"]["b1"]["kubectl @builder --verbs"]["selected_option"]
    assert chosen["value"] == LONG


@pytest.mark.parametrize("state", [None, {}, {"values": {}}, {"values": None}])
def test_no_state_is_none(state: object) -> None:
    assert state_of(used(clicked({"type": "button", "value": "x"}, state=state)), {}) == b""


def test_ids_of_a_state_are_restored_too() -> None:
    key = key_of("id of the plugin")
    found = Used(
        keys=(),
        actions=(Action(type="button", selected_option=Option(value="x")),),
        channel="C1",
        user="U1",
        state={"values": {key: {"a": {"type": "plain_text_input", "value": ["list", 5]}}}},
    )
    assert needs(found) == (key,)
    assert b'"id of the plugin"' in state_of(found, {key: "id of the plugin"})
