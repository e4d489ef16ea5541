"""The program with Slack, case by case (the SS numbers of the platform's description)."""

import json
import re
from collections import Counter
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio

from tests.fakes.bounds import bound
from tests.fakes.program import Program, until
from tests.fakes.receiver import Answer
from tests.fakes.slack.programs import program_config, slack_config, started
from tests.fakes.slack.server import FakeSlack, serving_slack
from tests.fakes.slack.sockets import Sent
from tests.fakes.slack.workspace import BOT

pytestmark = [pytest.mark.real, pytest.mark.slow]


@asynccontextmanager
async def running(
    folder: Path, *, triggers: object = None, ready: bool = True
) -> AsyncGenerator[tuple[FakeSlack, Program]]:
    with trio.fail_after(100):
        async with serving_slack() as slack:
            section = slack_config(slack)
            if triggers is not None:
                channels = section["channels"]
                assert isinstance(channels, dict)
                channels["one"]["messageTriggers"] = triggers
            config = program_config({"default": {"socketSlack": section}})
            async with started(folder, config) as program:
                if ready:
                    await slack.sockets.connected(1)
                    await until(lambda: parts(program)["plugin:builtin/echo"] == "ready")
                yield slack, program


def parts(program: Program) -> Mapping[str, str]:
    with program.http() as client:
        found = client.get("/readyz").json()["parts"]
    return {name: part["state"] for name, part in found.items()}


async def answered(slack: FakeSlack, sent: Sent, text: str) -> None:
    await sent.acked.wait()
    await slack.says(text)


def methods(slack: FakeSlack) -> list[str]:
    return [item.method for item in slack.workspace.asked]


async def quiet(slack: FakeSlack) -> None:
    """Whatever came before has been done, since what comes after it is."""
    await answered(slack, slack.mention("echo the last one", channel="C2"), "the last one")


async def test_ss_1_a_mention(folder: Path) -> None:
    async with running(folder) as (slack, _):
        sent = slack.mention("ping")
        await sent.acked.wait()
        assert sent.delay < bound(3, 20)
        await slack.until(lambda: len(slack.workspace.reacted) == 3)
        post = slack.workspace.posts()[0]
        assert post.channel == "C1"
        assert post.text.startswith("`ping` on `dev`")
        assert "```\npong" in post.shown
        names = [item.split()[0] for item in slack.workspace.reacted]
        assert names == ["+eyes", "-eyes", "+white_check_mark"]
        assert len(slack.workspace.calls("conversations.list", "conversations.info")) == 1


async def test_ss_2_the_same_event_twice(folder: Path) -> None:
    async with running(folder) as (slack, _):
        sent = slack.mention("echo once")
        await answered(slack, sent, "once")
        again = slack.deliver(Sent("events_api", sent.payload, answerable=False))
        await again.acked.wait()
        await quiet(slack)
        assert len(slack.workspace.posts("C1")) == 1
        assert len({*sent.envelopes, *again.envelopes}) == 2


async def test_ss_3_and_4_what_is_not_for_the_bot(folder: Path) -> None:
    async with running(folder) as (slack, _):
        said = {"user": "U1", "text": f"<@{BOT}> ping", "channel": "C1", "ts": "10.1"}
        events: list[dict[str, object]] = [
            {"type": "app_mention", "bot_id": "B1"},
            {"type": "message", "channel_type": "channel", "subtype": "message_changed"},
            {"type": "message", "channel_type": "channel", "thread_ts": "9.1", "text": "x"},
            {"type": "message", "channel_type": "im"},
            {"type": "app_mention", "channel": "C3"},  # not in the configuration
            {"type": "app_mention", "edited": {"user": "U1"}},
            {"type": "app_mention", "user": BOT},
        ]
        before = len(methods(slack))
        sent = [slack.event(said | event) for event in events]
        for item in sent:
            await item.acked.wait()
        await quiet(slack)
        asked = set(methods(slack)[before:])
        assert asked <= {"users.info", "reactions.add", "reactions.remove", "chat.postMessage"}
        assert slack.workspace.posts("C1") == slack.workspace.posts("C3") == []
        assert all(" C2 " in item for item in slack.workspace.reacted)


def element(kind: str, action: str, **more: object) -> dict[str, object]:
    return {"type": kind, "action_id": action, "block_id": "b", **more}


def chosen(*values: str) -> list[dict[str, object]]:
    return [{"value": value, "text": {"type": "plain_text", "text": value}} for value in values]


async def test_ss_5_buttons_and_selects(folder: Path) -> None:
    echo = f"<@{BOT}> echo"
    async with running(folder) as (slack, _):
        ts = slack.workspace.new_ts()
        used = [
            element("button", "cmd:x", value=f"{echo} a button"),
            element("static_select", f"{echo} a select", selected_option=chosen("v1")[0]),
            element("multi_static_select", f"{echo} many", selected_options=chosen("a", "b")),
        ]
        for item, text in zip(used, ["a button", "a select v1", "many a,b"], strict=True):
            await answered(slack, slack.click(item, ts=ts), text)
        link = slack.click(element("button", "url:https://x.org", value=f"{echo} no"), ts=ts)
        await link.acked.wait()
        await quiet(slack)
        assert len(slack.workspace.posts("C1")) == 3
        assert all(f" C1 {ts}" in item for item in slack.workspace.reacted if " C1 " in item)


async def test_ss_6_what_is_typed_into_an_input(folder: Path) -> None:
    async with running(folder) as (slack, _):
        typed = element("plain_text_input", "x", value='err "x"')
        typed["block_id"] = f"<@{BOT}> echo logs --with="
        await answered(slack, slack.click(typed, ts="10.2"), 'echo logs --with="err \\"x\\""')


async def test_ss_7_a_modal_is_submitted(folder: Path) -> None:
    async with running(folder) as (slack, _):
        action = f"<@{BOT}> echo sources"
        values = {
            "b1": {action: element("multi_static_select", "", selected_options=chosen("k", "p"))},
            "b2": {f"<@{BOT}> echo name": element("plain_text_input", "", value="x")},
        }
        sent = slack.submit({"private_metadata": "C1"}, values)
        await answered(slack, sent, "sources k,p")
        await slack.says('name"x"')
        assert sent.answer is None
        assert len(slack.workspace.posts("C1")) == 2


async def test_ss_11_replaced_while_a_command_is_under_way(folder: Path) -> None:
    async with running(folder) as (slack, _):
        slack.sockets.retries = (0.1, 0.2, 0.5)
        sent = slack.mention("echo once")
        await slack.socket.disconnect("warning")
        await slack.sockets.until(lambda: slack.sockets.opened == 2)
        await answered(slack, sent, "once")
        await slack.deliver(Sent("events_api", sent.payload, answerable=False)).acked.wait()
        await quiet(slack)
        assert len(slack.workspace.posts("C1")) == 1


async def test_ss_12_notifications_go_on_while_the_socket_is_cut(folder: Path) -> None:
    with trio.fail_after(100):
        async with serving_slack() as slack:
            config = program_config({"default": {"socketSlack": slack_config(slack)}}, events=40)
            async with started(folder, config) as program:
                await slack.sockets.connected(1)
                slack.workspace.fault = lambda method, _: (
                    Answer(status=503) if method == "apps.connections.open" else None
                )
                await slack.socket.cut()
                await until(lambda: parts(program)["platform:default-socketSlack"] == "retrying")
                await slack.posted(len(slack.workspace.posts()) + 2)
                slack.workspace.fault = lambda _method, _call: None
                await until(lambda: parts(program)["platform:default-socketSlack"] == "ready")


async def test_ss_15_a_token_that_is_not_taken(folder: Path) -> None:
    async with running(folder) as (slack, program):
        slack.workspace.auth_error = "token_revoked"
        await slack.socket.cut()
        await until(lambda: parts(program)["platform:default-socketSlack"] == "auth-failed")
        with program.http() as client:
            health = client.get("/healthz").json()["platforms"]["default-socketSlack"]
            metrics = client.get("/metrics").text
        assert health["status"] == "Unhealthy"
        assert "revoked" in health["errorMsg"]
        assert 'botkube_connection_up{platform="default-socketSlack"} 0.0' in metrics
        assert "xoxb-" not in program.log.read_text()
        before = len(slack.workspace.asked)
        await trio.sleep(1)
        assert len(slack.workspace.asked) - before <= 2  # a probe a minute, of each half


async def test_ss_18_a_search_in_an_external_select(folder: Path) -> None:
    async with running(folder) as (slack, _):
        searched = slack.interact(
            {"type": "block_suggestion", "action_id": "a", "block_id": "b", "value": "x"},
            answerable=True,
        )
        await searched.acked.wait()
        assert searched.answer == {"options": []}  # nothing was kept of such a select
        assert searched.delay < bound(3, 20)


async def test_a_slash_command(folder: Path) -> None:
    async with running(folder) as (slack, _):
        sent = slack.slash("echo by slash")
        await answered(slack, sent, "by slash")
        assert sent.answer is None


async def test_a_thread_is_answered_in_it(folder: Path) -> None:
    async with running(folder) as (slack, _):
        await answered(slack, slack.mention("echo there", thread_ts="10.1"), "there")
        assert slack.workspace.posts("C1")[0].thread == "10.1"


async def test_a_plain_message_pulls_a_trigger_with_its_own_executors(folder: Path) -> None:
    trigger = {
        "event": "ChannelMessage",
        "text": {"include": ["(?i)help me"], "exclude": ["never"]},
        "users": {"exclude": ["U2:bob"]},
        "command": "echo triggered",
        "executors": ["tools"],
        "processedEmojiIndicator": "robot_face",
    }
    async with running(folder, triggers=[trigger]) as (slack, _):
        said = {"type": "message", "channel": "C1", "channel_type": "channel"}
        for text, user in (("help me never", "U1"), ("hello", "U1"), ("help me", "U2")):
            entry = slack.workspace.say("C1", text, {"user": user})
            await slack.event(entry | said).acked.wait()
        entry = slack.workspace.say("C1", "Help me, please")
        await answered(slack, slack.event(entry | said), "triggered")
        await quiet(slack)
        assert len(slack.workspace.posts("C1")) == 1
        await slack.until(lambda: f"+robot_face C1 {entry['ts']}" in slack.workspace.reacted)


async def test_a_renamed_channel_is_followed(folder: Path) -> None:
    async with running(folder) as (slack, _):
        slack.workspace.channels["C1"], slack.workspace.channels["C3"] = "old", "general"
        for channel, name in (("C1", "old"), ("C3", "general")):
            renamed = {"type": "channel_rename", "channel": {"id": channel, "name": name}}
            await slack.event(renamed).acked.wait()
        await slack.mention("echo lost", channel="C1").acked.wait()
        await answered(slack, slack.mention("echo found", channel="C3"), "found")
        await quiet(slack)
        assert slack.workspace.posts("C1") == []


async def test_users_have_their_names_and_mentions(folder: Path) -> None:
    async with running(folder) as (slack, program):
        await answered(slack, slack.mention("echo one"), "one")
        await answered(slack, slack.mention("echo two"), "two")
        assert len(slack.workspace.calls("users.info")) == 1
        await trio.to_thread.run_sync(program.stop)
        assert "Ann" not in program.log.read_text()


async def test_the_configuration_is_wrong_for_one_and_not_for_others(folder: Path) -> None:
    async with serving_slack() as slack, serving_slack() as other:
        with trio.fail_after(100):
            groups = {
                "bad": {"socketSlack": slack_config(slack, caFile="/nowhere.pem")},
                "good": {"socketSlack": slack_config(other)},
            }
            async with started(folder, program_config(groups)) as program:
                await other.sockets.connected(1)
                await answered(other, other.mention("ping"), "pong")
                found = parts(program)
                assert found["platform:bad-socketSlack"] == "parked"
                assert found["platform:good-socketSlack"] == "ready"
                other.blackhole = True  # one workspace's trouble is its own
    assert json.dumps(slack.workspace.asked, default=str) == "[]"


async def test_two_groups_with_one_token_keep_to_its_rates_together(folder: Path) -> None:
    with trio.fail_after(120):
        async with serving_slack() as slack:
            slack.workspace.limits = True
            groups = {name: {"socketSlack": slack_config(slack)} for name in ("a", "b")}
            config = json.loads(program_config(groups, events=20))
            config["sources"]["beat"]["builtin/heartbeat"]["config"]["text"] = "event {n}."
            async with started(folder, json.dumps(config)):
                await slack.until(lambda: len(told(slack)) == 20 and min(told(slack).values()) > 1)
    assert [call for call in slack.workspace.asked if call.error == "ratelimited"] == []


def told(slack: FakeSlack) -> Counter[str]:
    """In how many messages each event stands."""
    posts = slack.workspace.posts("C1")
    return Counter(name for post in posts for name in set(re.findall(r"event (\d+)\.", post.shown)))
