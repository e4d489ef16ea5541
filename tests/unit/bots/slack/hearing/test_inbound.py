"""What is asked for, what is ignored and why, and under which keys it is remembered."""

import msgspec
import pytest

from botkube.bots.slack.drawing.links import options_key
from botkube.bots.slack.hearing.frames import Envelope, Event, decode_frame
from botkube.bots.slack.hearing.inbound import (
    Ignored,
    Renamed,
    Request,
    Said,
    Search,
    from_history,
    read,
)
from botkube.bots.slack.hearing.used import Used
from tests.fakes.slack.envelopes import BOT, clicked, envelope, event, slash, submitted

PLAIN = {"type": "message", "channel_type": "channel", "text": "it is down"}
BUTTON = {"type": "button", "action_id": "cmd:x", "block_id": "b", "value": f"<@{BOT}> help"}


def request(frame: str) -> Request:
    found = decode_frame(frame)
    assert isinstance(found, Envelope)
    return read(found, BOT)


def test_a_mention() -> None:
    found = request(event(text=f" <@{BOT}> get &lt;x&gt;", thread_ts="9.1"))
    assert found == Said(
        keys=("event:Ev1", "mention:C1:10.1"),
        channel="C1",
        user="U1",
        ts="10.1",
        thread="9.1",
        raw=f" <@{BOT}> get &lt;x&gt;",
        command="get <x>",
    )


def test_a_plain_message_may_be_a_trigger() -> None:
    found = request(event(**PLAIN))
    assert isinstance(found, Said)
    assert (found.command, found.raw) == (None, "it is down")
    assert found.keys == ("event:Ev1", "message:C1:10.1")


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (event(bot_id="B1"), "said by a bot"),
        (event(user=BOT), "said by the bot itself"),
        (event(edited={"user": "U1", "ts": "11.1"}), "edited"),
        (event(channel_type="im"), "direct message"),
        (event(text="hi <@UBOT> ping"), "the mention is not at the start"),
        (event(user=None), "no channel, user or time"),
        (event(**PLAIN | {"subtype": "channel_join"}), "message of subtype 'channel_join'"),
        (event(**PLAIN | {"subtype": "bot_message"}), "said by a bot"),
        (event(**PLAIN | {"thread_ts": "9.1"}), "message in a thread"),
        (event(**PLAIN | {"channel_type": "im"}), "message in a conversation of type 'im'"),
        (event(**PLAIN | {"channel_type": "group"}), "message in a conversation of type 'group'"),
        (event(**PLAIN | {"text": f"<@{BOT}> x"}), "a mention, which comes as its own event"),
        (event(type="reaction_added"), "event 'reaction_added'"),
        (envelope("events_api", {"type": "app_rate_limited"}), "event ''"),
        (envelope("brand_new", {}), "envelopes of type 'brand_new' are not known"),
        (clicked(BUTTON, BUTTON), "2 actions at once"),
        (clicked(), "0 actions at once"),
        (clicked(BUTTON | {"action_id": "url:x:1"}), "a link"),
        (clicked({"type": "datepicker"}), "element of type 'datepicker'"),
        (
            clicked(BUTTON, channel=None, container={}, view={"id": "V1"}),
            "an element of an open modal",
        ),
        (clicked(BUTTON, channel=None, container=None), "no channel"),
        (clicked(BUTTON, type="shortcut"), "interaction 'shortcut'"),
        (clicked(BUTTON, type="view_closed"), "interaction 'view_closed'"),
        (submitted({}, ""), "a modal that names no channel"),
        (slash("ping", channel_id=""), "a slash command without channel or user"),
    ],
)
def test_what_is_ignored(frame: str, reason: str) -> None:
    assert request(frame) == Ignored(reason=reason)


def test_a_channel_has_a_new_name() -> None:
    frame = event(type="channel_rename", channel={"id": "C1", "name": "new", "created": 1})
    assert request(frame) == Renamed(channel="C1", name="new")


def test_a_click() -> None:
    found = request(clicked(BUTTON, message={"ts": "10.2", "thread_ts": "10.1"}))
    assert isinstance(found, Used)
    assert msgspec.structs.replace(found, actions=()) == Used(
        keys=("envelope:e-1", "trigger:t.1"),
        actions=(),
        channel="C1",
        user="U1",
        user_name="ann",
        message="10.2",
        thread="10.1",
        response_url="https://hooks.example/resp",
        trigger_id="t.1",
        state={"values": {}},
    )


def test_a_click_outside_of_a_thread_has_none() -> None:
    found = request(
        clicked(BUTTON, message=None, container={"channel_id": "C2", "is_ephemeral": True})
    )
    assert isinstance(found, Used)
    assert (found.channel, found.thread, found.message, found.ephemeral) == ("C1", "", "", True)


def test_a_submitted_modal_has_all_its_values() -> None:
    values = {
        "b1": {
            f"<@{BOT}> edit SourceBindings": {"type": "multi_static_select", "selected_options": []}
        },
        "b2": {"x": {"type": "datepicker", "selected_date": "2024-01-01"}},
    }
    found = request(submitted(values, "C1 10.1"))
    assert isinstance(found, Used)
    assert [action.action_id for action in found.actions] == [f"<@{BOT}> edit SourceBindings"]
    assert (found.channel, found.thread, found.user_name) == ("C1", "10.1", "ann")


def test_a_search_names_where_its_options_are_kept() -> None:
    frame = clicked(type="block_suggestion", block_id="b", action_id="a", value="ku")
    assert request(frame) == Search(key=options_key("b", "a"), query="ku")


def test_a_slash_command() -> None:
    found = request(slash(" get &lt;pods&gt; "))
    assert isinstance(found, Said)
    assert (found.command, found.channel_name, found.user_name) == ("get <pods>", "general", "ann")
    assert found.keys == ("envelope:e-1", "trigger:t.3")
    assert found.response_url == "https://hooks.example/slash"


def test_a_mention_found_in_the_history_has_the_key_of_the_event() -> None:
    missed = from_history(Event(user="U1", text=f"<@{BOT}> ping", ts="10.1"), "C1", BOT)
    came = request(event())
    assert isinstance(missed, Said)
    assert isinstance(came, Said)
    assert set(missed.keys) < set(came.keys)
    assert missed.command == "ping"


@pytest.mark.parametrize(
    "entry",
    [
        Event(user="U1", text="no mention", ts="1.1"),
        Event(user="U1", text=f"<@{BOT}> x", ts="1.1", subtype="channel_topic"),
        Event(user="U1", text=f"<@{BOT}> x", ts="1.1", bot_id="B1"),
        Event(user="U1", text=f"<@{BOT}> x", ts="1.1", edited={}),
    ],
)
def test_other_entries_of_the_history_ask_nothing(entry: Event) -> None:
    assert isinstance(from_history(entry, "C1", BOT), Ignored)
