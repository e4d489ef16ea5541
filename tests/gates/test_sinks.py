"""kill -9 and outages while events go to a webhook and to Elasticsearch: the ledgers are equal, duplicates are marked."""

import json
import os
import random
import signal
from collections import Counter
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import msgspec
import pytest
import trio

from botkube.config.schema.sinks import Webhook
from tests.fakes.elastic import FakeElastic
from tests.fakes.program import Api, Program, until
from tests.fakes.receiver import Answer, Call, Receiver, receiving
from tests.gates.conftest import DEADLINE
from tests.gates.looks import all_ready, becomes, metric
from tests.gates.test_storage import FULL, mounted

KILLS = int(os.environ.get("GATE_SINK_KILLS", "2"))  # the full gate: 30
PER_RUN = int(os.environ.get("GATE_SINK_EVENTS", "1500"))  # times the kills; the full gate: 3500
LAST_RUN = 300
SECRET = "sign-me"

pytestmark = [pytest.mark.real, pytest.mark.slow]


def config(
    hook: Receiver, elastic: Receiver, count: int, other: str = "", beats: Mapping[str, object] = {}
) -> str:
    """One source to both sinks, another one to nobody but an index of its own."""
    beat = {"enabled": True, "config": {"interval": "0s", "count": count, **beats}}
    lone = {"enabled": True, "config": {"interval": "1h", "count": 1}}
    bound = {"sources": ["beat"]}
    indices = {
        "all": {"name": "all", "shards": 1, "bindings": bound},
        "lone": {"name": "lone", "bindings": {"sources": ["lone"]}},
    }
    webhook = {
        "enabled": True,
        "url": f"{hook.url}/hook",
        "signature": {"secret": SECRET},
        "bindings": bound,
    }
    return json.dumps(
        {
            "settings": {"clusterName": "gate"},
            "sources": {
                "beat": {"builtin/heartbeat": beat},
                "lone": {"builtin/heartbeat": lone},
            },
            "communications": {
                "default": {
                    "webhook": webhook | ({"caFile": other} if other else {}),
                    "elasticsearch": {
                        "enabled": True,
                        "server": elastic.url,
                        "awsSigning": {"enabled": bool(other), "awsRegion": "eu-west-1"},
                        "indices": indices,
                    },
                }
            },
        }
    )


@asynccontextmanager
async def peers() -> AsyncGenerator[tuple[Receiver, FakeElastic, Receiver]]:
    fake = FakeElastic()
    async with receiving() as hook, receiving(fake.decide) as elastic:
        yield hook, fake, elastic


@asynccontextmanager
async def started(folder: Path, text: str) -> AsyncGenerator[Program]:
    keys = {"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "s"}
    program = Program(folder, text, environ=keys)
    try:
        await trio.to_thread.run_sync(program.start)
        yield program
    finally:
        with trio.move_on_after(40, shield=True):
            await trio.to_thread.run_sync(program.close)


async def killed(program: Program) -> float:
    """Kill it; returns how many events it said were on disk just before."""
    async with program.connected() as api:
        known = 0.0
        while not known:  # at least one of this run
            await trio.sleep(0.02)
            known = await metric(api, 'botkube_events_received_total{source="beat"')
    os.kill(program.pid, signal.SIGKILL)
    await trio.to_thread.run_sync(program.wait)
    return known


def took(calls: list[tuple[Call, Answer]]) -> list[tuple[str, int, str]]:
    """What the webhook took, in order: run, number and idempotency key."""
    found = []
    for call, answer in calls:
        if answer.status == 200:
            data = msgspec.json.decode(call.body)["data"]
            found.append((data["Run"], data["N"], call.headers["idempotency-key"]))
    return found


async def test_both_ledgers_are_equal_whatever_happens(folder: Path) -> None:
    rng = random.Random(os.environ.get("GATE_SEED", "1"))
    known = []
    with trio.fail_after(DEADLINE - 10):
        async with peers() as (hook, fake, elastic):
            text = config(hook, elastic, PER_RUN)
            for _ in range(KILLS):
                least = len(hook.calls) + rng.randrange(1, PER_RUN)
                async with started(folder, text) as program:
                    await until(lambda least=least: len(hook.calls) >= least)
                    known.append(await killed(program))
            async with started(folder, config(hook, elastic, LAST_RUN)) as program:
                await _outage(program, hook, fake)
                await _everything_delivered(program)
            _check(took(hook.answered), fake, [*known, LAST_RUN])


async def test_both_ledgers_are_equal_after_a_disk_without_room(folder: Path) -> None:
    slowly = {"interval": "10ms", "size": 20_000}
    with trio.fail_after(DEADLINE - 10), mounted(folder / "state", "16m"):
        async with peers() as (hook, fake, elastic):
            async with started(folder, config(hook, elastic, 1000, beats=slowly)) as program:
                await until(lambda: len(hook.calls) >= 20)
                fill(program.state_dir / "filler")
                async with program.connected() as api:
                    part = await becomes(api, "source:beat", "retrying", "degraded")
                    assert FULL in str(part["reason"])
                known = await killed(program)
                (program.state_dir / "filler").unlink()
            async with started(folder, config(hook, elastic, LAST_RUN)) as program:
                await _everything_delivered(program)
            _check(took(hook.answered), fake, [known, LAST_RUN])


def fill(file: Path) -> None:
    """Leave no room beside it."""
    with file.open("wb", buffering=0) as filler, suppress(OSError):
        while True:
            filler.write(bytes(4096))


async def _outage(program: Program, hook: Receiver, fake: FakeElastic) -> None:
    """Both refuse for a while, and are shown as what they are; nothing else is."""
    hook.decide = lambda _: Answer(status=503)
    fake.before = lambda _: Answer(status=502)
    await until(lambda: any(answer.status == 503 for _, answer in hook.answered))
    async with program.connected() as api:
        part = await becomes(api, "sink:default-webhook", "retrying")
        assert part["reason"] == "it answered 503"
    hook.decide = lambda _: Answer()
    fake.before = lambda _: None


async def _everything_delivered(program: Program) -> None:
    async with program.connected() as api:
        await all_ready(api, within=60)
        received = 'botkube_events_received_total{source="beat"'
        while await metric(api, received) < LAST_RUN or await metric(api, "botkube_outbox_depth"):
            await trio.sleep(0.05)
        assert await metric(api, 'botkube_deliveries_total{outcome="dead"') == 0


def _check(webhook: list[tuple[str, int, str]], fake: FakeElastic, least: list[float]) -> None:
    """`least`: how many events of each run were on disk at least."""
    by_event = {(run, number): key for run, number, key in webhook}
    assert len(by_event) == len({key for _, _, key in webhook}), "one event, two keys"
    documents = {
        name: document
        for index, found in fake.documents.items()
        if index.startswith("all-")
        for name, document in found.items()
    }
    assert set(documents) == set(by_event.values()), "the ledgers differ"
    runs = Counter(run for run, _ in by_event)
    for run, count in runs.items():
        numbers = sorted(number for found, number in by_event if found == run)
        assert numbers == list(range(1, count + 1)), f"{run} has gaps"
    for known, count in zip(least, runs.values(), strict=True):
        assert count >= known, "an acknowledged event is missing"
    doubled = len(webhook) - len(by_event)
    assert doubled <= KILLS * 2 * Webhook().max_in_flight, "more doubled than was under way"
    print(
        f"kills={KILLS} events={len(by_event)} doubled: webhook {doubled},"
        f" refused by Elasticsearch {fake.doubled}; known before kills {least}"
    )


async def test_what_sinks_show_of_themselves(folder: Path) -> None:
    with trio.fail_after(200):
        async with peers() as (hook, fake, elastic):
            text = config(hook, elastic, 5, other="/nowhere/ca.pem")
            async with started(folder, text) as program:
                async with program.connected() as api:
                    await _shown(api, fake)
                given = {call.headers["authorization"].partition("/")[0] for call in elastic.calls}
                assert given == {"AWS4-HMAC-SHA256 Credential=AKIA"}
                assert sorted(n.rpartition("-20")[0] for n in fake.documents) == ["all", "lone"]
                assert await trio.to_thread.run_sync(program.stop) == 0
            assert hook.calls == []


async def _shown(api: Api, fake: FakeElastic) -> None:
    part = await becomes(api, "sink:default-webhook", "parked")
    assert "caFile /nowhere/ca.pem cannot be used" in str(part["reason"])
    await becomes(api, "sink:default-elasticsearch", "ready")
    depth = 'botkube_outbox_depth{target="default-webhook"'
    while await metric(api, depth) < 5 or fake.stored < 6:
        await trio.sleep(0.05)
    platforms = (await api.client.get("/healthz")).json()["platforms"]
    assert platforms["default-webhook"]["status"] == "Unhealthy"
    assert platforms["default-elasticsearch"]["status"] == "Healthy"
    up = "botkube_connection_up{platform="
    assert await metric(api, f'{up}"default-webhook"') == 0
    assert await metric(api, f'{up}"default-elasticsearch"') == 1
