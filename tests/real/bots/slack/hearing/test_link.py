"""The link to Slack on real sockets: replaced before it ends, found dead, refused, shared (SS-1, 11 to 15)."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
import trio

from botkube.bots.slack.hearing.attempt import DISABLED
from botkube.runtime.websocket import Heartbeat
from tests.fakes.bounds import bound
from tests.fakes.forward import forwarding
from tests.fakes.receiver import Answer
from tests.fakes.slack.links import Heard, linked, paced
from tests.fakes.slack.server import FakeSlack, serving_slack

pytestmark = pytest.mark.real


@asynccontextmanager
async def slack() -> AsyncGenerator[FakeSlack]:
    with trio.fail_after(60):
        async with serving_slack() as fake:
            fake.sockets.retries = (0.0, 0.05, 0.1)
            yield fake


async def heard_again(fake: FakeSlack, heard: Heard) -> None:
    """A mention arrives, acknowledged in time."""
    before = len(heard.envelopes)
    sent = fake.mention("ping")
    await sent.acked.wait()
    await heard.until(lambda: len(heard.envelopes) > before)
    assert sent.delay < bound(3, 20)


async def test_ss_1_it_connects_and_acknowledges_first() -> None:
    async with slack() as fake, linked(fake) as heard:
        assert heard.health == [("ready", "")]
        assert heard.bots == ["UBOT"]
        await heard_again(fake, heard)
        assert [item.method for item in fake.workspace.asked] == [
            "auth.test",
            "apps.connections.open",
        ]
    assert fake.sockets.opened == 1


@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
async def test_ss_11_the_new_socket_works_before_the_old_one_ends(reason: str) -> None:
    async with slack() as fake, linked(fake) as heard:
        old = fake.socket
        await old.disconnect(reason)
        await fake.sockets.until(lambda: fake.sockets.opened == 2)
        assert old in fake.sockets.sockets
        await fake.sockets.connected(1)
        assert old not in fake.sockets.sockets
        await heard_again(fake, heard)
    assert heard.health == [("ready", "")]
    assert heard.reconnects == 1


async def test_the_old_socket_is_heard_until_the_new_one_works() -> None:
    async with slack() as fake, linked(fake) as heard:
        fake.workspace.fault = lambda method, _: (
            Answer(status=503) if method == "apps.connections.open" else None
        )
        old = fake.socket
        await old.disconnect("warning")
        await fake.until(lambda: len(fake.workspace.calls("apps.connections.open")) >= 3)
        await old.send(
            json.dumps({"type": "events_api", "envelope_id": "e-late", "payload": {"event": {}}})
        )
        await heard.until(lambda: heard.envelopes)
        assert heard.health == [("ready", "")]
        fake.workspace.fault = lambda _method, _call: None
        await fake.sockets.until(lambda: fake.sockets.opened == 2)
        await fake.sockets.connected(1)


@pytest.mark.parametrize("mid_frame", [True, False])
async def test_ss_12_a_cut_is_mended(mid_frame: bool) -> None:  # noqa: FBT001 - a parameter
    async with slack() as fake, linked(fake) as heard:
        await fake.socket.cut(mid_frame=mid_frame)
        await heard.until(lambda: len(heard.health) == 3)
        await heard_again(fake, heard)
    assert heard.health[1] == ("retrying", "the connection broke off")
    assert heard.health[2] == ("ready", "")


async def test_ss_13_garbage_keeps_the_connection_and_the_unknown_is_acknowledged() -> None:
    async with slack() as fake, linked(fake) as heard:
        await fake.socket.send("no json")
        await fake.socket.send("[1]")
        await fake.socket.send(json.dumps({"type": "other", "envelope_id": "e-x", "payload": 3}))
        await fake.socket.send(
            json.dumps({"type": "events_api", "envelope_id": "e-y", "payload": 3})
        )
        await fake.socket.send_raw(b"\x82\x02{}")  # binary
        await fake.sockets.until(lambda: len(fake.sockets.stray) == 2)
        assert [json.loads(item)["envelope_id"] for item in fake.sockets.stray] == ["e-x", "e-y"]
        await heard_again(fake, heard)
    assert fake.sockets.opened == 1


async def test_ss_14_silence_is_found() -> None:
    beat = Heartbeat(every=0.1, within=0.5)
    async with slack() as fake, linked(fake, heartbeat=beat) as heard:
        fake.socket.line.silent = True
        await heard.until(lambda: len(heard.health) == 3)
        await heard_again(fake, heard)
    assert heard.health[1] == ("retrying", "no sign of life within 0.5 s")


@pytest.mark.parametrize("error", ["invalid_auth", "token_revoked"])
async def test_ss_15_a_token_that_is_not_taken_is_probed_rarely_and_recovers(error: str) -> None:
    async with slack() as fake:
        fake.workspace.auth_error = error
        async with linked(fake, ready=False) as heard:
            await heard.until(lambda: heard.health)
            assert heard.health[0][0] == "auth-failed"
            assert "token" in heard.health[0][1]
            await fake.until(lambda: len(fake.workspace.asked) == 3)
            asked = [call.at for call in fake.workspace.asked]
            assert asked[2] - asked[0] >= 0.5  # two probes of 0.3 s
            assert len(heard.health) == 1
            fake.workspace.auth_error = ""
            await heard.until(lambda: len(heard.health) == 2)
            await heard_again(fake, heard)
    assert heard.health[1] == ("ready", "")


async def test_slack_that_is_away_is_tried_for_ever_and_said_once() -> None:
    async with slack() as fake, linked(fake) as heard:
        await fake.shut()
        await heard.until(lambda: len(heard.health) >= 3)
        await trio.sleep(0.5)
        assert [state for state, _ in heard.health] == ["ready", "retrying", "retrying"]
        assert "Connection refused" in heard.health[2][1]
        await fake.open()
        await heard.until(lambda: heard.health[-1] == ("ready", ""))
        await heard_again(fake, heard)


async def test_a_black_hole_is_given_up_in_time() -> None:
    async with slack() as fake, linked(fake, patience=2) as heard:
        fake.blackhole = True
        await fake.socket.cut()
        await heard.until(lambda: len(heard.health) == 3)
        assert heard.health[2] == ("retrying", "Slack did not answer within 2 s")
        fake.blackhole = False
        await heard.until(lambda: len(heard.health) == 4)
        await heard_again(fake, heard)


async def test_a_question_lost_in_a_black_hole_is_asked_again_beside_it() -> None:
    async with slack() as fake, linked(fake, paced(ask=0.2), patience=600) as heard:
        fake.blackhole = True
        await fake.socket.cut()
        await fake.until(lambda: fake.hung)
        fake.blackhole = False
        await heard.until(lambda: heard.health[-1] == ("ready", "") and len(heard.health) > 1)
        await heard_again(fake, heard)


async def test_a_socket_without_hello_is_none() -> None:
    async with slack() as fake:
        fake.sockets.hello = False
        async with linked(fake, paced(hello=0.2), ready=False) as heard:
            await heard.until(lambda: heard.health)
            assert heard.health == [("retrying", "Slack did not say hello within 0.2 s")]
            fake.sockets.hello = True
            await heard.until(lambda: len(heard.health) == 2)
            await fake.sockets.connected(1)


async def test_socket_mode_switched_off_is_a_sentence_and_no_hot_loop() -> None:
    async with slack() as fake, linked(fake) as heard:
        began = trio.current_time()
        await fake.socket.disconnect("link_disabled")
        await heard.until(lambda: len(heard.health) == 3)
        assert trio.current_time() - began >= 0.3
    assert heard.health[1] == ("auth-failed", DISABLED)


async def test_a_limit_is_obeyed() -> None:
    async with slack() as fake:
        fake.workspace.storm = 1
        async with linked(fake, ready=False) as heard:
            await fake.sockets.connected(1)
            first, second = fake.workspace.asked[:2]
            assert second.at - first.at >= 1.0
            assert heard.health[0] == ("retrying", "ratelimited")


async def test_a_second_consumer_is_said_once_and_its_end_too() -> None:
    async with slack() as fake:
        fake.sockets.foreign = 1
        async with linked(fake) as heard:
            await heard.until(lambda: len(heard.health) == 2)
            assert heard.health[1][0] == "contended"
            assert "1 of its 3 sockets" in heard.health[1][1]  # the one that is being replaced, too
            await fake.sockets.until(lambda: fake.sockets.opened == 4)
            assert len(heard.notices) == 1
            fake.sockets.foreign = 0
            await heard.until(lambda: heard.health[-1] == ("ready", ""))
            fake.sockets.foreign = 1
            await fake.socket.cut()
            await heard.until(lambda: heard.health[-1][0] == "contended")
    assert len(heard.notices) == 2


async def test_one_of_ours_that_slack_still_counts_is_no_second_consumer() -> None:
    async with slack() as fake:
        fake.sockets.foreign = 1
        async with linked(fake) as heard:
            fake.sockets.foreign = 0
            await fake.sockets.until(lambda: fake.sockets.opened == 2)
            await fake.sockets.connected(1)
            await trio.sleep(0.3)
    assert heard.health == [("ready", "")]
    assert fake.sockets.opened == 2


async def test_a_silent_one_of_ours_is_no_second_consumer_as_long_as_slack_may_count_it() -> None:
    beat, pace = Heartbeat(every=0.1, within=0.1), paced(ghost=1.0, confirm=0.05)
    async with slack() as fake, linked(fake, pace, beat) as heard:
        ghost = fake.socket
        ghost.line.silent = True
        await fake.sockets.until(lambda: fake.sockets.opened == 2)
        await heard.until(lambda: heard.health[-1] == ("ready", ""))
        await fake.socket.cut()  # nor does another reason to connect make one of it
        await fake.sockets.until(lambda: fake.sockets.opened == 3)
        await heard_again(fake, heard)
        await ghost.line.give_up()
        await fake.sockets.until(lambda: fake.sockets.opened == 4)  # it counts again
        await fake.sockets.connected(1)
        assert "contended" not in dict(heard.health)
        fake.sockets.foreign = 1
        await fake.socket.cut()
        await heard.until(lambda: heard.health[-1][0] == "contended")
    assert len(heard.notices) == 1


async def test_it_goes_through_a_proxy() -> None:
    async with forwarding() as proxy, slack() as fake, linked(fake, proxy=proxy.url) as heard:
        await heard_again(fake, heard)
        assert ("CONNECT", f"127.0.0.1:{fake.socket_port}") in [item[:2] for item in proxy.asked]


async def test_an_answer_goes_with_the_acknowledgement_and_does_not_hold_up_others() -> None:
    async with slack() as fake, linked(fake) as heard:
        ready = trio.Event()

        async def answer() -> dict[str, object]:
            await ready.wait()
            return {"options": ["one"]}

        heard.answers["interactive"] = answer
        asked = fake.interact({"type": "block_suggestion"}, answerable=True)
        await heard_again(fake, heard)
        assert not asked.acked.is_set()
        ready.set()
        await asked.acked.wait()
        assert asked.answer == {"options": ["one"]}


async def test_two_hundred_at_once_are_each_heard_once_and_in_order() -> None:
    async with slack() as fake, linked(fake) as heard:
        frames = [
            json.dumps(
                {
                    "type": "events_api",
                    "envelope_id": f"e-{number}",
                    "payload": {
                        "event_id": f"Ev{number}",
                        "event": {"type": "app_mention", "text": "ping " * 20},
                    },
                }
            )
            for number in range(200)
        ]
        data = b"".join(b"\x81\x7e" + len(f).to_bytes(2, "big") + f.encode() for f in frames)
        await fake.socket.send_raw(data)
        await heard.until(lambda: len(heard.envelopes) == 200)
    assert heard.events == [f"Ev{number}" for number in range(200)]
    assert len(set(fake.sockets.stray)) == 200


async def test_slack_is_told_when_it_stops() -> None:
    async with slack() as fake:
        async with linked(fake):
            socket = fake.socket
        await fake.sockets.connected(0)
        reason = socket.connection.closed
        assert reason is not None
        assert reason.code == 1000
