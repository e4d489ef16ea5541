"""The Elasticsearch sink's conformance cases (ES-…) on real sockets, from the outbox to the documents."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest
import trio

from botkube.model.delivery import Delivered, Rejected, Retry
from botkube.runtime.clock import wall
from botkube.runtime.http import no_authorities, trusted_authorities
from botkube.sinks.elasticsearch.bulk import index_name
from botkube.sinks.elasticsearch.client import ClusterSettings, basic, open_elastic
from botkube.sinks.elasticsearch.cluster import Place
from botkube.sinks.elasticsearch.notifier import WINDOW, IndexNotifier
from tests.fakes.elastic import EXISTS, FakeElastic, error_answer, failed, json_answer
from tests.fakes.receiver import Answer, Call, Receiver, receiving
from tests.fakes.sinks import SinkBench
from tests.fakes.tls import authority, server_context

pytestmark = pytest.mark.real

PLACE = Place(name="botkube", type="botkube-event", shards=1, replicas=0)
TODAY = index_name("botkube", wall())


@asynccontextmanager
async def sink(to: Receiver, place: Place = PLACE, **given: object) -> AsyncGenerator[SinkBench]:
    settings = msgspec.structs.replace(ClusterSettings(server=to.url), **given)
    async with open_elastic(settings, no_authorities()) as client:
        notifier = IndexNotifier(client, place, wall)
        yield SinkBench(notifier, prepare=notifier.prepare, window=WINDOW)


def asked(to: Receiver, start: str = "") -> list[str]:
    return [f"{c.method} {c.path.partition('?')[0]}" for c in to.calls if c.path.startswith(start)]


def once(path: str, *answers: Answer) -> Callable[[Call], Answer | None]:
    """Answers one after the other to a path, then the usual."""
    left = list(answers)
    return lambda call: left.pop(0) if left and call.path.startswith(path) else None


async def test_es_1_seven_gets_index_template_and_typed_documents() -> None:
    fake = FakeElastic("7.17.9")
    async with receiving(fake.decide) as to, sink(to) as bench:
        await bench.deliver("e1", "e2")
        await bench.deliver("e3")
    assert asked(to) == [
        "GET /",
        "PUT /_template/botkube-botkube",
        f"HEAD /{TODAY}",
        f"PUT /{TODAY}",
        "POST /_bulk",
        "POST /_bulk",
    ]
    assert fake.indices == {
        TODAY: {"settings": {"index": {"number_of_shards": 1, "number_of_replicas": 0}}}
    }
    assert list(fake.documents[TODAY]) == ["e1", "e2", "e3"]
    assert fake.types == {"botkube-event"}
    assert bench.named(Delivered) == ["e1", "e2", "e3"]


@pytest.mark.parametrize(
    ("version", "distribution"),
    [
        ("8.15.0", ""),
        ("9.1.0", ""),
        ("1.3.20", "opensearch"),
        ("2.19.1", "opensearch"),
        ("3.0.0", "opensearch"),
    ],
)
async def test_es_2_no_types_where_there_are_none(version: str, distribution: str) -> None:
    fake = FakeElastic(version, distribution)
    async with receiving(fake.decide) as to, sink(to) as bench:
        await bench.deliver("e1")
    assert asked(to, "/_index_template") == ["PUT /_index_template/botkube-botkube"]
    assert (fake.stored, fake.types) == (1, set())


async def test_es_3_an_index_that_another_one_made_meanwhile() -> None:
    fake = FakeElastic()
    fake.before = once(f"/{TODAY}", Answer(status=404), error_answer(400, EXISTS))
    async with receiving(fake.decide) as to, sink(to) as bench:
        await bench.deliver("e1")
    assert fake.stored == 1


async def test_an_index_that_is_there_needs_no_right_to_make_one(
    caplog: pytest.LogCaptureFixture,
) -> None:
    fake = FakeElastic()
    fake.indices[TODAY] = {}
    refused = error_answer(403, "security_exception", "no manage_index_templates")
    fake.before = lambda call: refused if call.method == "PUT" else None
    async with receiving(fake.decide) as to, sink(to) as bench:
        await bench.deliver("e1")
    assert fake.stored == 1
    assert "botkube has no template of ours: it answered 403" in caplog.text


@pytest.mark.parametrize(("pattern", "made"), [("other-*", 1), ("bot*", 0), ("*", 0)])
async def test_a_template_of_the_older_kind_is_left_in_force(pattern: str, made: int) -> None:
    fake = FakeElastic()
    fake.legacy["mine"] = {"index_patterns": [pattern]}
    async with receiving(fake.decide) as to, sink(to) as bench:
        await bench.deliver("e1")
    assert (len(fake.templates), fake.stored) == (made, 1)


async def test_es_4_only_what_may_succeed_is_sent_again() -> None:
    fake = FakeElastic()
    results: dict[str, list[Mapping[str, object] | None]] = {
        "e2": [failed(429, "es_rejected_execution_exception", "full"), None],
        "e3": [failed(400, "mapper_parsing_exception", "no date")],
    }
    fake.judge = lambda _, name, __: results[name].pop(0) if results.get(name) else None
    async with receiving(fake.decide) as to, sink(to) as bench:
        await bench.deliver("e1", "e2", "e3", "e4")
    assert list(fake.documents[TODAY]) == ["e1", "e4", "e2"]
    reason = f"the index {TODAY} answered 400: mapper_parsing_exception: no date"
    assert ("e3", Rejected(reason=reason)) in bench.outbox.outcomes
    assert bench.named(Retry) == ["e2"]
    assert to.calls[-1].body.count(b"\n") == 2


async def test_es_5_an_outage_and_a_lost_answer_store_everything_once() -> None:
    fake = FakeElastic()
    lost: list[Call] = []

    def lose(call: Call) -> Answer | None:
        """Store it, and break off in the middle of the answer."""
        if call.path.startswith("/_bulk") and not lost:
            lost.append(call)
            return msgspec.structs.replace(fake._usual(call), cut=40)
        return None

    busy = Answer(status=503)
    first = once("/_bulk", busy, busy)
    fake.before = lambda call: first(call) or lose(call)
    async with receiving(fake.decide) as to, sink(to) as bench:
        await bench.deliver("e1", "e2")
    assert (fake.stored, fake.doubled) == (2, 2)
    assert bench.named(Delivered) == ["e1", "e2"]
    assert len(lost) == 1


async def test_es_7_credentials() -> None:
    fake = FakeElastic()
    async with receiving(fake.decide) as to:
        async with sink(to, authorization=basic("us", "pw")) as bench:
            await bench.deliver("e1")
        async with sink(to, authorization="ApiKey abc") as bench:
            await bench.deliver("e2")
    given = [call.headers["authorization"] for call in to.calls]
    assert set(given) == {"Basic dXM6cHc=", "ApiKey abc"}


async def test_es_8_refused_credentials_are_a_state_and_no_storm() -> None:
    fake = FakeElastic()
    fake.before = lambda _: error_answer(401, "security_exception", "unable to authenticate")
    async with receiving(fake.decide) as to, sink(to) as bench:
        bench.add("e1")
        async with bench.running():
            assert "it answered 401" in await bench.says("auth-failed")
            await bench.deliverer.calm()
    assert len(to.calls) == 1
    assert bench.outbox.outcomes == []


async def test_es_9_tls(tmp_path: Path) -> None:
    fake = FakeElastic()
    ca = trusted_authorities(str(authority(tmp_path)))
    async with receiving(fake.decide, context=server_context(tmp_path)) as to:
        for context in (no_authorities(), ca):
            async with open_elastic(ClusterSettings(server=to.url), context) as client:
                assert (await client.ask("GET", "/")).status == 200
        async with open_elastic(ClusterSettings(server=to.url), trusted_authorities()) as client:
            bench = SinkBench(IndexNotifier(client, PLACE, wall))
            bench.add("e1")
            async with bench.running():
                assert "self-signed certificate" in await bench.says("retrying")


async def test_es_10_a_pause_for_all_is_kept() -> None:
    fake = FakeElastic()
    fake.before = once("/_bulk", Answer(status=429, headers={"Retry-After": "1"}))
    async with receiving(fake.decide) as to, sink(to) as bench:
        await bench.deliver("e1", "e2")
    first, second = (call for call in to.calls if call.path.startswith("/_bulk"))
    assert second.at - first.at >= 1
    assert first.body == second.body
    assert fake.stored == 2


async def test_es_11_a_server_that_hangs_is_given_up_and_asked_again() -> None:
    fake = FakeElastic()
    fake.before = once("/_bulk", Answer(hang=True))
    async with receiving(fake.decide) as to, sink(to, timeout=3.0) as bench:
        await bench.deliver("e1")
    assert bench.health == [("it did not answer within 3 s", "retrying"), ("", "ready")]
    assert fake.stored == 1


async def test_es_12_two_days_are_two_indices() -> None:
    fake = FakeElastic()
    midnight = (wall() // 86400) * 86400
    async with receiving(fake.decide) as to, sink(to) as bench:
        bench.add("before", received_at=midnight - 1)
        bench.add("after", received_at=midnight + 1)
        async with bench.running():
            await bench.deliverer.rested()
    yesterday = index_name("botkube", midnight - 1)
    assert {day: list(found) for day, found in fake.documents.items()} == {
        yesterday: ["before"],
        TODAY: ["after"],
    }
    assert asked(to, "/_bulk") == ["POST /_bulk"]


async def test_es_13_no_cluster_is_trouble_that_passes() -> None:
    fake = FakeElastic()
    fake.before = once("/", Answer(body=b"<html>"), json_answer({"version": {}}))
    async with receiving(fake.decide) as to, sink(to) as bench, bench.running():
        assert "no Elasticsearch" in await bench.says("retrying")
        assert await bench.says("ready") == ""  # also with nothing to deliver
        assert len(to.calls) == 5


@pytest.mark.parametrize("status", [413, 400])
async def test_a_request_that_is_too_much_goes_in_halves(status: int) -> None:
    fake = FakeElastic()

    def strict(call: Call) -> Answer | None:
        large = b'"e3"' in call.body or call.body.count(b"\n") > 4
        return Answer(status=status) if call.path.startswith("/_bulk") and large else None

    fake.before = strict
    async with receiving(fake.decide) as to, sink(to) as bench:
        await bench.deliver("e1", "e2", "e3", "e4", "e5")
    assert sorted(fake.documents[TODAY]) == ["e1", "e2", "e4", "e5"]
    assert ("e3", Rejected(reason=f"it answered {status}")) in bench.outbox.outcomes
    assert bench.named(Retry) == []


async def test_after_an_outage_it_may_be_another_version() -> None:
    fake = FakeElastic("7.17.9")
    async with receiving(fake.decide) as to, sink(to) as bench:
        await bench.deliver("e1")
        fake.version = "8.0.0"
        fake.before = once("/_bulk", Answer(status=502))
        await bench.deliver("e2")
    assert fake.types == {"botkube-event"}
    assert fake.stored == 2


async def test_an_index_that_vanished_is_made_again() -> None:
    fake = FakeElastic()
    async with receiving(fake.decide) as to, sink(to) as bench:
        await bench.deliver("e1")
        del fake.indices[TODAY]
        gone: list[Mapping[str, object]] = [
            failed(404, "index_not_found_exception", "no such index")
        ]
        fake.judge = lambda *_: gone.pop() if gone else None
        await bench.deliver("e2")
    assert asked(to, f"/{TODAY}").count(f"PUT /{TODAY}") == 2
    assert sorted(fake.documents[TODAY]) == ["e1", "e2"]


async def test_what_waits_goes_in_few_requests() -> None:
    fake = FakeElastic()
    names = [f"{n:05}" for n in range(WINDOW * 2 + 1)]
    async with receiving(fake.decide) as to, sink(to) as bench:
        await bench.deliver(*names)
        await trio.lowlevel.checkpoint()
    assert list(fake.documents[TODAY]) == names
    assert len(asked(to, "/_bulk")) == 3
    assert to.connections == 1


async def test_nobody_there_is_said_in_words() -> None:
    async with receiving() as to:
        pass
    async with sink(to) as bench, bench.running():
        assert (await bench.says("retrying")).endswith(
            f"127.0.0.1:{to.port} failed: connection refused"
        )
