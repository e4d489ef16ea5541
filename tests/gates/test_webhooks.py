"""Webhooks through the whole program: every status, plugins of both kinds, a flood, and kills on either side."""

import hashlib
import hmac
import json
import os
import random
import re
import signal
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest
import trio

from tests.fakes.bounds import bound
from tests.fakes.cached import put_hook, trace_of
from tests.fakes.gopeers import go_peers
from tests.fakes.http import request_bytes
from tests.fakes.program import Api, Program, text_of
from tests.gates.configs import several
from tests.gates.conftest import Launch
from tests.gates.looks import all_ready, becomes, metric, plugin_pids, rss
from tests.gates.test_kill import history, waiting
from tests.gates.test_storage import mounted

pytestmark = [pytest.mark.real, pytest.mark.slow]

HOOK = {"gate/hook": {"enabled": True}}
PEER = {"gate/peer": {"enabled": True, "config": {"then": "context"}}}
SECRET = "s3cret-words"
MISSING = {"absent/nowhere": {"enabled": True}}
SOURCES = {
    "hook": HOOK,
    "go": PEER,
    "beat": {"builtin/heartbeat": {"enabled": True, "config": {"count": 1}}},
    "both words": {**HOOK, **PEER},
    "guarded": {**HOOK, "incomingWebhook": {"token": SECRET}},
    "signed": {**HOOK, "incomingWebhook": {"hmac": {"secret": SECRET}}},
    "off": {"gate/hook": {"enabled": False}},
}
SIZE = 100 * 1024
FITTING = {"message": "hello"}


def config(folder: Path, sources: Mapping[str, object], **webhook: object) -> str:
    """One channel that gets the events of all these sources, and Go's executor."""
    made = json.loads(several(folder, executors=["gate/peer"]))
    made["sources"] = {**sources, "unbound": HOOK}
    channel = made["communications"]["default"]["playground"]["channels"]["one"]
    channel["bindings"]["sources"] = list(sources)
    made["plugins"]["incomingWebhook"] = webhook
    return json.dumps(made, indent=1)


def put_plugins(folder: Path) -> Path:
    """Both peers in Go, and the hook, whose file is returned."""
    for kind in ("executor", "source"):
        go_peers().put(folder / "cache", "gate", kind, "peer")
    return put_hook(folder)


def signed(body: bytes) -> dict[str, str]:
    made = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    return {"X-Hub-Signature-256": f"sha256={made}"}


BODY = json.dumps(FITTING).encode()
TOKEN = {"authorization": f"Bearer {SECRET}"}
# path, body, headers → status, words of the answer
TABLE: list[tuple[str, bytes, dict[str, str], int, str]] = [
    ("hook", BODY, {}, 200, '{"success":true}'),
    ("h%6fok?x=1", BODY, {}, 200, '{"success":true}'),
    ("go", BODY, {}, 200, '{"success":true}'),
    ("go", b'{"message":"@empty"}', {}, 200, '{"success":true}'),
    ("both%20words", BODY, {}, 200, '{"success":true}'),
    ("guarded", BODY, TOKEN, 200, '{"success":true}'),
    ("signed", BODY, signed(BODY), 200, '{"success":true}'),
    ("", BODY, {}, 400, '{"error":"Source name in path is required"}'),
    ("hook", b"not JSON", {}, 400, "does not fit what the plugin gate/hook takes: it is not JSON"),
    ("go", b'{"message":5}', {}, 400, "$.message: 5 is not of type 'string'"),
    ("guarded", BODY, {}, 401, "wrong or missing token"),
    ("guarded", BODY, {"authorization": "Bearer x"}, 401, "wrong or missing token"),
    ("signed", BODY, {}, 401, "wrong or missing signature"),
    ("signed", BODY + b" ", signed(BODY), 401, "wrong or missing signature"),
    ("hook", BODY, {"origin": "http://127.0.0.1"}, 403, "requests from pages are not allowed"),
    ("nowhere", BODY, {}, 404, 'source \\"nowhere\\" not found'),
    ("off", BODY, {}, 404, 'source \\"off\\" not found'),
    ("unbound", BODY, {}, 404, 'source \\"unbound\\" not found'),
    ("hook", b"x" * (SIZE + 1), {}, 413, f"the body is longer than {SIZE} bytes"),
    ("hook", b'{"message":"fail with these words"}', {}, 500, "with these words"),
    ("go", b'{"message":"@fail"}', {}, 500, "the payload was not to its taste"),
    ("both%20words", b'{"message":"@fail"}', {}, 500, "the payload was not to its taste"),
    ("beat", BODY, {}, 501, "the source 'beat' takes no requests"),
    ("hook", b'{"message":"sleep 60"}', {}, 504, "the source 'hook' was not done within 2 s"),
    ("hook", b'{"message":"die"}', {}, 502, "gate/hook stopped while it worked on the request"),
    ("go", b'{"message":"@run panic"}', {}, 502, "gate/peer stopped while it worked on the"),
]


async def test_every_status(folder: Path, launch: Launch) -> None:
    hook = put_plugins(folder)
    program = launch(config(folder, SOURCES, timeout="2s", maxSize=f"{SIZE // 1024}KiB"))
    with trio.fail_after(200):
        async with program.connected() as api:
            await all_ready(api)
            async with httpx.AsyncClient(base_url=program.url, timeout=30) as client:
                for path, body, headers, status, words in TABLE:
                    answer = await client.post(f"/sources/v1/{path}", content=body, headers=headers)
                    assert (answer.status_code, words in answer.text) == (status, True), (
                        path,
                        body,
                        answer.text,
                    )
                    assert answer.headers["content-type"] == "application/json; charset=utf-8"
                    assert answer.headers["x-content-type-options"] == "nosniff"
                for method in ("GET", "PUT", "OPTIONS"):
                    answer = await client.request(method, HOOKED)
                    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
            assert trace_of(hook) == "cancelled"
            await everything_arrives(api, program)
            counted = Counter[int]()
            for _, _, _, status, _ in TABLE:
                counted[status] += 1
            for status, count in counted.items():
                pattern = re.compile(rf'botkube_webhook_requests_total.code="{status}",.*')
                lines = pattern.findall((await api.client.get("/metrics")).text)
                assert sum(float(line.split()[-1]) for line in lines) == count, lines
    log = program.log.read_text()
    assert SECRET not in log
    assert "with these words" not in log
    assert "hello" not in log
    assert program.stop() == 0


async def everything_arrives(api: Api, program: Program) -> None:
    """Each accepted request's events are in the channel: two of the group with two plugins."""
    accepted = sum(status == 200 for *_, status, _ in TABLE)
    while (await metric(api, "botkube_deliveries_total")) < accepted + 1 + 2:  # noqa: ASYNC110
        await trio.sleep(0.05)
    with program.http() as client:
        frames = history(client, "one")
    texts = [text_of(frame) for frame in frames]
    from_go = [f"{BODY.decode()} from {name}" for name in ("both words", "go")]
    assert sorted(text for text in texts if "hello" in text) == [*["hello"] * 5, *from_go]
    blank = [frame for frame in frames if not text_of(frame) and "sections" not in str(frame)]
    assert blank == [], "an event without a message is shown"


def told(text: str) -> dict[str, str]:
    """The words of the form name=value."""
    return dict(word.split("=", 1) for word in text.split() if "=" in word)


@pytest.mark.parametrize("named", ["", "http://botkube.ns.svc:2115/"])
async def test_what_go_plugins_are_told(folder: Path, launch: Launch, named: str) -> None:
    put_plugins(folder)
    program = launch(config(folder, {"go": PEER}, enabled=True, port=0, inClusterBaseURL=named))
    with trio.fail_after(200):
        async with program.connected() as api:
            await all_ready(api)
            post = "/sources/v1/go"
            assert (await api.client.post(post, json={"message": "@context"})).status_code == 200
            while await metric(api, "botkube_deliveries_total") < 2:  # noqa: ASYNC110
                await trio.sleep(0.02)
            with program.http() as client:
                stream, external = (told(text_of(x)) for x in history(client, "one"))
            executor = told(text_of(await api.ask("one", "@Botkube peer input")))
    base = stream["base"]
    assert base == external["base"]
    assert (stream["source"], external["source"]) == ("go", "go")
    assert (stream["interactive"], external["interactive"]) == ("true", "true")
    assert stream["full"] == external["full"] == f"{base}/sources/v1/go"
    assert executor["webhook"] == f"{base}/sources/v1"
    assert external["config"] == "then:"
    if named:
        assert base == named.rstrip("/")
    else:
        assert base != program.url, "it has a port of its own"
        async with httpx.AsyncClient(trust_env=False, timeout=60) as own:
            answer = await own.post(f"{executor['webhook']}/go", json=FITTING)
            assert (answer.status_code, answer.json()) == (200, {"success": True})
            assert (await own.get(f"{base}/healthz")).status_code == 404
    assert program.stop() == 0


HOOKED = "/sources/v1/hook"


class Senders:
    """Sends numbered messages and remembers what was answered."""

    def __init__(self, program: Program) -> None:
        host, port = program.url.removeprefix("http://").split(":")
        self._address = host, int(port)
        self.statuses: dict[str, int] = {}
        self.times: list[float] = []

    async def send(self, name: str, pause: float = 0.0) -> None:
        """One request on a connection of its own, as of many senders."""
        await trio.sleep(pause)
        began = time.perf_counter()
        body = json.dumps({"message": f"<{name}>"}).encode()
        try:
            # By hand: to make a thousand of httpx's clients takes half a minute.
            async with await trio.open_tcp_stream(*self._address) as stream:
                await stream.send_all(request_bytes(HOOKED, "POST", body, connection="close"))
                answer = b"".join([bytes(part) async for part in stream])
        except (OSError, trio.BrokenResourceError):
            answer = b""
        self.statuses[name] = int(answer.split()[1]) if answer else 0
        self.times.append(time.perf_counter() - began)

    @property
    def accepted(self) -> list[str]:
        return sorted(name for name, status in self.statuses.items() if status == 200)


def delivered(program: Program) -> list[str]:
    """The numbered messages in the channel."""
    with program.http() as client:
        deadline = time.monotonic() + 60
        while waiting(client):
            assert time.monotonic() < deadline, client.get("/readyz").text
        texts = (text_of(frame) for frame in history(client, "one"))
        return sorted(text.strip("<>") for text in texts if text.startswith("<"))


@pytest.mark.alone
async def test_a_thousand_at_once(folder: Path, launch: Launch) -> None:
    put_plugins(folder)
    program = launch(config(folder, {"hook": HOOK}))
    senders = Senders(program)
    commands: list[float] = []
    with trio.fail_after(240):
        async with program.connected() as api:
            await all_ready(api)
            await senders.send("warm")
            before = rss(program.pid)
            async with trio.open_nursery() as nursery:
                for number in range(1000):
                    nursery.start_soon(senders.send, str(number))
                nursery.start_soon(ask_meanwhile, api, senders, commands)
            after = rss(program.pid)
    counted = Counter(senders.statuses.values())
    print(
        f"answers {dict(counted)}, slowest {max(senders.times):.2f} s; commands meanwhile: {len(commands)}, "
        f"slowest {max(commands):.2f} s; RSS {before:.0f} → {after:.0f} MiB"
    )
    assert len(senders.statuses) == 1001
    assert set(counted) <= {200, 429}
    assert counted[200] > 100
    assert delivered(program) == senders.accepted
    assert after - before < 40
    assert max(commands) < bound(10, 60)
    assert program.stop() == 0


async def ask_meanwhile(api: Api, senders: Senders, times: list[float]) -> None:
    while len(senders.statuses) < 1001 or not times:
        began = time.perf_counter()
        assert text_of(await api.ask("one", "@Botkube echo hi")) == "echo hi"
        times.append(time.perf_counter() - began)


async def test_kill_9_of_the_plugin_during_a_call(folder: Path, launch: Launch) -> None:
    hook = put_plugins(folder)
    program = launch(config(folder, {"hook": HOOK}))
    with trio.fail_after(200):
        async with program.connected() as api:
            await all_ready(api)
            answers: list[httpx.Response] = []

            async def sleepy() -> None:
                body = {"message": "sleep 60"}
                answers.append(await api.client.post(HOOKED, json=body))

            async with trio.open_nursery() as nursery:
                nursery.start_soon(sleepy)
                while trace_of(hook) != "asleep":  # noqa: ASYNC110
                    await trio.sleep(0.01)
                os.kill(plugin_pids(program)["gate/hook"], signal.SIGKILL)
            [answer] = answers
            assert (answer.status_code, answer.headers["retry-after"]) == (502, "10")
            # What comes while the plugin restarts waits for it.
            status = 503
            while status == 503:  # some seconds, that is, and longer on a busy machine
                again = await api.client.post(HOOKED, json={"message": "<after>"})
                status = again.status_code
            assert status == 200
            await becomes(api, "plugin:gate/hook", "ready")
    assert delivered(program) == ["after"]
    assert program.stop() == 0


async def test_a_parked_plugin_is_503(folder: Path, launch: Launch) -> None:
    put_plugins(folder)
    program = launch(config(folder, {"missing": MISSING}))
    with trio.fail_after(200):
        async with program.connected() as api:
            await becomes(api, "plugin:absent/nowhere", "parked")
            answer = await api.client.post("/sources/v1/missing", json=FITTING)
    assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
    assert "absent/nowhere is not running" in answer.json()["error"]
    assert program.stop() == 0


async def test_what_is_too_large_for_plugins_is_named(folder: Path, launch: Launch) -> None:
    put_plugins(folder)
    program = launch(config(folder, {"go": PEER}, maxSize="4MiB"))
    with trio.fail_after(200):
        async with program.connected() as api:
            await all_ready(api)
            for size, status, words in (
                (4 * 2**20, 413, "its largest part is the request body with 4194304 bytes"),
                (4 * 2**20 - 1024, 200, "success"),
            ):
                body = b'{"message":"%b"}' % (b"x" * (size - 14))
                answer = await api.client.post("/sources/v1/go", content=body)
                assert (answer.status_code, words in answer.text) == (status, True), answer.text
    assert program.stop() == 0


async def test_a_request_under_way_does_not_hold_up_the_end(folder: Path, launch: Launch) -> None:
    hook = put_plugins(folder)
    program = launch(config(folder, {"hook": HOOK}))
    answers: list[int] = []

    async def sleepy(api: Api) -> None:
        answer = await api.client.post(HOOKED, json={"message": "sleep 60"})
        answers.append(answer.status_code)

    with trio.fail_after(200):
        async with program.connected() as api:
            await all_ready(api)
            async with trio.open_nursery() as nursery:
                nursery.start_soon(sleepy, api)
                while trace_of(hook) != "asleep":  # noqa: ASYNC110
                    await trio.sleep(0.01)
                began = time.perf_counter()
                assert await trio.to_thread.run_sync(program.stop) == 0
    assert answers in ([502], [503])
    # Less than the program allows itself, and than the handler sleeps.
    assert time.perf_counter() - began < bound(10, 25)


async def test_on_a_disk_without_room(folder: Path, launch: Launch) -> None:
    put_plugins(folder)
    with mounted(folder / "state", "16m"):
        program = launch(config(folder, {"hook": HOOK}))
        filler = program.state_dir / "filler"
        large = {"message": "<large>" + "x" * 100_000}
        with trio.fail_after(200):
            async with program.connected() as api:
                await all_ready(api)
                filler.write_bytes(bytes(8 * 2**20))
                accepted = 0
                while (answer := await api.client.post(HOOKED, json=large)).status_code == 200:
                    accepted += 1
                assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
                assert answer.json()["error"].startswith("nothing was taken: state.db did not")
                filler.unlink()
                assert (await api.client.post(HOOKED, json=large)).status_code == 200
        shown = await trio.to_thread.run_sync(delivered, program)
        assert len([text for text in shown if text.startswith("large")]) == accepted + 1
        assert program.stop() == 0


async def test_a_sender_that_leaves_cancels_the_handler(folder: Path, launch: Launch) -> None:
    hook = put_plugins(folder)
    program = launch(config(folder, {"hook": HOOK}))
    with trio.fail_after(200):
        async with program.connected() as api:
            await all_ready(api)
            async with trio.open_nursery() as nursery:
                body = {"message": "sleep 60"}
                client = httpx.AsyncClient(base_url=program.url, trust_env=False, timeout=60)
                nursery.start_soon(lambda: client.post(HOOKED, json=body))
                while trace_of(hook) != "asleep":  # noqa: ASYNC110
                    await trio.sleep(0.01)
                nursery.cancel_scope.cancel()
            while trace_of(hook) != "cancelled":  # noqa: ASYNC110
                await trio.sleep(0.01)
            while not await metric(api, 'botkube_webhook_requests_total{code="499"'):  # noqa: ASYNC110
                await trio.sleep(0.01)
            assert await metric(api, "botkube_events_received_total") == 0
    assert program.stop() == 0


KILLS = int(os.environ.get("GATE_KILLS", "2"))


async def test_kill_9_of_the_program_keeps_what_was_acknowledged(
    folder: Path, launch: Launch
) -> None:
    put_plugins(folder)
    program = launch(config(folder, {"hook": HOOK}))
    rng = random.Random(os.environ.get("GATE_SEED", "1"))
    senders = Senders(program)
    with trio.fail_after(240):
        for life in range(KILLS):
            async with program.connected() as api:
                await all_ready(api)
            async with trio.open_nursery() as nursery:
                for number in range(150):
                    nursery.start_soon(senders.send, f"{life}-{number}", rng.uniform(0, 1.5))
                await trio.sleep(rng.uniform(0.3, 1.2))
                os.kill(program.pid, signal.SIGKILL)
                await trio.to_thread.run_sync(program.wait)
            program.start()
    shown = delivered(program)
    print(f"answers {Counter(senders.statuses.values())}, delivered {len(shown)}")
    assert len(shown) == len(set(shown))
    assert set(senders.accepted) <= set(shown)
    assert senders.accepted
    assert program.stop() == 0
