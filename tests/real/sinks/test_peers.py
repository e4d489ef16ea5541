"""The sinks against servers that others wrote: osmem (PyPI) and Debian's webhook; the fake beside osmem."""

import shutil
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from subprocess import DEVNULL

import httpx
import msgspec
import pytest
import trio

from botkube.model.delivery import Delivered
from botkube.runtime.clock import wall
from botkube.runtime.http import no_authorities
from botkube.sinks.elasticsearch.bulk import index_name
from botkube.sinks.elasticsearch.client import ClusterSettings, ElasticClient, open_elastic
from botkube.sinks.elasticsearch.cluster import LEGACY, Place, has_legacy_template
from botkube.sinks.elasticsearch.notifier import WINDOW, IndexNotifier
from botkube.sinks.webhook.body import Signing
from botkube.sinks.webhook.client import WebhookSettings, open_webhook
from botkube.sinks.webhook.notifier import WebhookNotifier
from tests.fakes.elastic import FakeElastic
from tests.fakes.receiver import receiving
from tests.fakes.sinks import SinkBench

pytestmark = [pytest.mark.real, pytest.mark.slow]

PLACE = Place(name="botkube", shards=1)
TODAY = index_name("botkube", wall())


@asynccontextmanager
async def started(command: Sequence[str], url: str) -> AsyncGenerator[trio.Process]:
    """A server while the block runs, from when it answers."""
    with trio.fail_after(100):
        async with trio.open_nursery() as nursery, httpx.AsyncClient(trust_env=False) as client:
            run = partial(trio.run_process, list(command), stdout=DEVNULL, stderr=DEVNULL)
            process = await nursery.start(partial(run, check=False))
            while True:
                with suppress(httpx.HTTPError):
                    await client.get(url)
                    break
                await trio.sleep(0.05)
            yield process
            nursery.cancel_scope.cancel()


async def free_port() -> int:
    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    async with listeners[0] as listener:
        return int(listener.socket.getsockname()[1])


@asynccontextmanager
async def osmem() -> AsyncGenerator[str]:
    package = pytest.importorskip("osmem_server", reason="pip install osmem-server")
    port = await free_port()
    url = f"http://127.0.0.1:{port}"
    command = [package.resolve_binary(), "-addr", f"127.0.0.1:{port}", "-no-stdin-watch"]
    async with started(command, url):
        yield url


async def exchange(client: ElasticClient) -> dict[str, object]:
    """What the sink asks, and the parts of the answers that it looks at."""
    create = b'{"create":{"_index":"i","_id":"%b"}}\n%b\n'
    body = create % (b"a", b'{"n":1}') + create % (b"a", b'{"n":2}') + create % (b"b", b'{"n":3}')
    found: dict[str, object] = {}
    found["missing"] = (await client.ask("HEAD", "/i")).status
    found["made"] = (
        await client.ask("PUT", "/i", b'{"settings":{"index":{"number_of_replicas":0}}}')
    ).status
    again = await client.ask("PUT", "/i", b"{}")
    found["again"] = (again.status, msgspec.json.decode(again.body)["error"]["type"])
    legacy = await client.ask("GET", LEGACY)
    found["legacy"] = (legacy.status, has_legacy_template(Place(name="i"), legacy.body))
    found["there"] = (await client.ask("HEAD", "/i")).status
    bulk = await client.ask("POST", "/_bulk", body, "application/x-ndjson")
    items = msgspec.json.decode(bulk.body)["items"]
    found["bulk"] = [one["create"]["status"] for one in items]
    found["why"] = items[1]["create"]["error"]["type"]
    return found


async def test_the_fake_answers_as_osmem_does() -> None:
    fake = FakeElastic("2.11.0", "opensearch")
    answers = []
    async with osmem() as real, receiving(fake.decide) as made:
        for url in (real, made.url):
            async with open_elastic(ClusterSettings(server=url), no_authorities()) as client:
                answers.append(await exchange(client))
    assert answers[0] == answers[1]
    assert answers[0]["bulk"] == [201, 409, 201]


async def test_events_become_documents_in_osmem() -> None:
    names = [f"e{n:04}" for n in range(1200)]
    async with osmem() as url, httpx.AsyncClient(trust_env=False, base_url=url, timeout=60) as look:
        async with open_elastic(ClusterSettings(server=url), no_authorities()) as client:
            notifier = IndexNotifier(client, PLACE, wall)
            bench = SinkBench(notifier, prepare=notifier.prepare, window=WINDOW)
            await bench.deliver(*names)
            bench.outbox.outcomes.clear()
            await SinkBench(notifier, window=WINDOW).deliver(*names[:10])  # sent again
        await look.post(f"/{TODAY}/_refresh")
        assert (await look.get(f"/{TODAY}/_count")).json()["count"] == len(names)
        settings = (await look.get(f"/{TODAY}/_settings")).json()[TODAY]["settings"]["index"]
        assert str(settings["number_of_shards"]) == "1"
        document = (await look.get(f"/{TODAY}/_doc/e0001")).json()["_source"]
        assert document == {"Message": {}}


async def test_debian_s_webhook_takes_what_is_signed_and_only_that(tmp_path: Path) -> None:
    program = shutil.which("webhook")
    if program is None:
        pytest.skip("webhook is missing: apt install webhook")
    log = tmp_path / "took"
    script = tmp_path / "hook.sh"
    script.write_text(f'#!/bin/sh\necho "$1 $2" >>{log}\n')
    script.chmod(0o755)
    rule = {
        "match": {
            "type": "payload-hmac-sha256",
            "secret": "key",
            "parameter": {"source": "header", "name": "X-Hub-Signature-256"},
        }
    }
    hook = {
        "id": "events",
        "execute-command": str(script),
        "include-command-output-in-response": True,
        "trigger-rule": rule,
        "pass-arguments-to-command": [
            {"source": "payload", "name": "source"},
            {"source": "header", "name": "Idempotency-Key"},
        ],
    }
    (tmp_path / "hooks.json").write_bytes(msgspec.json.encode([hook]))
    port = await free_port()
    command = [program, "-hooks", str(tmp_path / "hooks.json"), "-ip", "127.0.0.1"]
    async with started([*command, "-port", str(port)], f"http://127.0.0.1:{port}/"):
        url = f"http://127.0.0.1:{port}/hooks/events"
        async with signing_with(b"key", url) as good:
            await good.deliver("a", "b", "c")
        assert good.named(Delivered) == ["a", "b", "c"]
        async with signing_with(b"wrong", url) as bad, bad.running():
            bad.add("d")
            assert "evaluating hook rules" in await bad.says("retrying")
    assert sorted(log.read_text().split("\n")) == ["", "beat a", "beat b", "beat c"]


@asynccontextmanager
async def signing_with(secret: bytes, url: str) -> AsyncGenerator[SinkBench]:
    signing = Signing(secret=secret, header="X-Hub-Signature-256", algorithm="sha256")
    settings = WebhookSettings(url=url, signing=signing, at_once=4)
    async with open_webhook(settings, no_authorities(), wall) as client:
        yield SinkBench(WebhookNotifier(client, 4))
