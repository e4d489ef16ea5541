"""The webhook sink's conformance cases (WH-…) on real sockets, from the outbox to the receiver."""

import hashlib
import hmac
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import msgspec
import pytest
import trio

from botkube.engine.events.deliver import BACKOFF
from botkube.model.delivery import Delivered, Rejected, Retry
from botkube.runtime.clock import wall
from botkube.runtime.http import no_authorities
from botkube.sinks.webhook.body import Signing
from botkube.sinks.webhook.client import WebhookSettings, open_webhook
from botkube.sinks.webhook.notifier import WebhookNotifier
from tests.fakes.receiver import Answer, Call, Receiver, always, in_turn, receiving
from tests.fakes.sinks import SinkBench

pytestmark = pytest.mark.real

DOWN, UP = Answer(status=500, body=b"oops"), Answer()


def settings(to: Receiver, **given: object) -> WebhookSettings:
    base = WebhookSettings(url=f"{to.url}/hook?token=s3cret", at_once=8)
    return msgspec.structs.replace(base, **given)


@asynccontextmanager
async def sink(to: Receiver, **given: object) -> AsyncGenerator[SinkBench]:
    wanted = settings(to, **given)
    async with open_webhook(wanted, no_authorities(), wall) as client:
        yield SinkBench(WebhookNotifier(client, wanted.at_once))


def keys(to: Receiver) -> list[str]:
    return [call.headers["idempotency-key"] for call in to.calls]


async def test_wh_1_wh_10_one_post_with_the_exact_body() -> None:
    async with receiving() as to, sink(to) as bench:
        await bench.deliver("e1")
    (call,) = to.calls
    assert (call.method, call.path) == ("POST", "/hook?token=s3cret")
    assert call.headers["content-type"] == "application/json"
    assert call.headers["user-agent"].startswith("Botkube/")
    body = msgspec.json.decode(call.body)
    assert call.body == b'{"source":"beat","timeStamp":"%b"}' % body["timeStamp"].encode()
    stamp = datetime.fromisoformat(body["timeStamp"])
    assert stamp.utcoffset() == datetime.now(UTC).utcoffset()
    assert abs((stamp - datetime.now(UTC)).total_seconds()) < 60


@pytest.mark.parametrize("status", [200, 201, 202, 204])
async def test_wh_3_every_2xx_is_success(status: int) -> None:
    async with receiving(always(Answer(status=status))) as to, sink(to) as bench:
        await bench.deliver("e1", "e2")
    assert bench.named(Delivered) == ["e1", "e2"]
    assert bench.health == []


async def test_wh_4_tried_again_with_growing_delays_and_the_same_key() -> None:
    async with receiving(in_turn(DOWN, DOWN, UP)) as to, sink(to) as bench:
        await bench.deliver("e1")
    assert keys(to) == ["e1"] * 3
    assert len({call.body for call in to.calls}) == 1
    first, second = (b.at - a.at for a, b in zip(to.calls, to.calls[1:], strict=False))
    assert first >= BACKOFF.first * 0.8
    assert second >= BACKOFF.first * 1.6
    assert bench.health == [("it answered 500: oops", "retrying"), ("", "ready")]


async def test_wh_5_a_pause_that_is_asked_for_is_kept() -> None:
    busy = Answer(status=429, headers={"Retry-After": "2"})
    async with receiving(in_turn(busy, UP)) as to, sink(to) as bench:
        bench.add("e1")
        async with bench.running():
            await bench.says("retrying")
            assert bench.outbox.outcomes == [("e1", Retry(reason="it answered 429", after=2.0))]
            assert bench.outbox.pending[0].due >= wall() + 1


async def test_wh_6_a_400_is_tried_once_and_blocks_nobody() -> None:
    bad = Answer(status=400, body=b"no such field")

    def decide(call: Call) -> Answer:
        return bad if call.headers["idempotency-key"] == "bad" else UP

    async with receiving(decide) as to, sink(to) as bench:
        await bench.deliver("bad")
        assert bench.health == [("it answered 400: no such field", "retrying")]
        await bench.deliver("e2", "e3")
    assert sorted(keys(to)) == ["bad", "e2", "e3"]
    assert bench.named(Rejected) == ["bad"]
    assert bench.health[-1] == ("", "ready")


async def test_wh_7_wh_9_refused_then_up_then_cut_in_the_middle() -> None:
    async with receiving() as to:
        port = to.port
    async with sink(to) as bench:
        bench.add("e1")
        async with bench.running():
            assert "Connection refused" in await bench.says("retrying")
            async with receiving(in_turn(Answer(cut=30, body=b"x" * 99), UP), port=port) as back:
                await bench.deliverer.rested()
    assert bench.named(Delivered) == ["e1"]
    assert keys(back) == ["e1", "e1"]
    assert len(bench.named(Retry)) == 0  # an outage writes nothing to the disk


async def test_wh_8_one_that_never_answers_is_given_up_and_the_later_ones_are_not_touched() -> None:
    hung: list[str] = []

    def decide(call: Call) -> Answer:
        key = call.headers["idempotency-key"]
        first = key == "e1" and key not in hung
        hung.append(key)
        return Answer(hang=True) if first else UP

    async with receiving(decide) as to, sink(to, timeout=3.0) as bench:
        await bench.deliver("e1", "e2", "e3")
    assert bench.named(Delivered)[-1] == "e1"
    assert sorted(bench.named(Delivered)) == ["e1", "e2", "e3"]
    assert ("it did not answer within 3 s", "retrying") in bench.health


async def test_wh_11_many_at_once_begin_in_order_over_few_connections() -> None:
    names = [f"{n:04}" for n in range(1000)]
    async with receiving() as to:
        async with sink(to) as bench:
            await bench.deliver(*names)
        assert to.most_open <= 8
        assert to.connections <= 8
        assert sorted(keys(to)) == names
        seen = {key: place for place, key in enumerate(keys(to))}
        assert max(abs(place - int(key)) for key, place in seen.items()) < 64
        to.calls.clear()
        async with sink(to, at_once=1) as bench:
            await bench.deliver(*names[:200])
        assert keys(to) == names[:200]  # one at a time: strictly


async def test_after_a_failure_one_goes_ahead_alone() -> None:
    async with receiving(in_turn(DOWN, DOWN, DOWN, DOWN, UP)) as to, sink(to, at_once=4) as bench:
        bench.add(*(f"e{n}" for n in range(9)))
        async with bench.running():
            await bench.deliverer.rested()
    assert keys(to)[4:5] == ["e0"]
    assert to.calls[5].at >= to.calls[4].at
    assert sorted(bench.named(Delivered)) == [f"e{n}" for n in range(9)]


@pytest.mark.parametrize("status", [401, 403, 407])
async def test_credentials_that_are_refused_are_a_state_and_no_storm(status: int) -> None:
    async with receiving(always(Answer(status=status, body=b"who"))) as to, sink(to) as bench:
        bench.add("e1", "e2")
        async with bench.running():
            assert await bench.says("auth-failed") == f"it answered {status}: who"
            await bench.deliverer.calm()
            await trio.testing.wait_all_tasks_blocked()
        assert len(to.calls) == 2
        assert bench.outbox.outcomes == []


async def test_redirects_stay_with_the_host() -> None:
    def moved(call: Call) -> Answer:
        there = Answer(status=308, headers={"Location": "/new"})
        return there if call.path.startswith("/hook") else UP

    async with receiving(moved) as to, sink(to) as bench, receiving() as other:
        await bench.deliver("e1")
        assert [(c.method, c.path, c.body) for c in to.calls][1][:2] == ("POST", "/new")
        assert to.calls[0].body == to.calls[1].body
        away = Answer(status=307, headers={"Location": other.url.replace("127.0.0.1", "localhost")})
        to.decide = always(away)
        bench.add("e2")
        async with bench.running():
            assert await bench.says("retrying") == (
                "it redirects to another host, localhost, which is not followed"
            )
        to.decide = always(Answer(status=307, headers={"Location": "/hook"}))
        bench.outbox.pending.clear()
        bench.add("e3")
        async with bench.running():
            await bench.says("retrying", "more than 5 times")
    assert other.calls == []


async def test_an_answer_that_repeats_its_url_tells_no_secret() -> None:
    def echo(call: Call) -> Answer:
        return Answer(status=404, body=f"Cannot POST {call.path}".encode())

    async with receiving(echo) as to, sink(to) as bench:
        await bench.deliver("e1")
    assert bench.health == [("it answered 404: Cannot POST /hook?***", "retrying")]


async def test_headers_and_signature() -> None:
    signing = Signing(secret=b"key", header="X-Sig", algorithm="sha256")
    headers = {"X-Token": "t", "content-type": "application/cloudevents+json"}
    async with receiving() as to:
        url = to.url.replace("http://", "http://us%40er:pw@") + "/hook"
        async with sink(to, url=url, headers=headers, signing=signing) as bench:
            await bench.deliver("e1")
    (call,) = to.calls
    assert call.headers["x-token"] == "t"
    assert call.headers["content-type"] == "application/cloudevents+json"
    assert call.headers["authorization"] == "Basic dXNAZXI6cHc="
    proof = hmac.new(b"key", call.body, hashlib.sha256).hexdigest()
    assert call.headers["x-sig"] == f"sha256={proof}"
