"""Requests on `/sources/v1/`: what is refused before a plugin is asked, what is answered, counted and logged."""

import hashlib
import hmac
import json
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import NoReturn

import pytest
import trio
import trio.testing

from botkube.app.webhooks import CALM, Hook, Webhooks
from botkube.config.schema.plugins import Hmac, IncomingWebhook, WebhookAccess
from botkube.config.schema.values import Secret
from botkube.model.errors import StorageError
from botkube.model.event import Event
from botkube.runtime.metrics import Metrics
from botkube.wire.errors import CallError
from tests.fakes.hooks import EVENT, Outcome, Taking, slot_of, source_of
from tests.fakes.http import Client, Got, connected, request_bytes

OPEN = WebhookAccess()
TOKEN = WebhookAccess(token=Secret("right"))
SIGNED = WebhookAccess(hmac=Hmac(secret=Secret("key")))
ALERTS = "/sources/v1/alerts"


class Rig:
    """One source behind the handler, and a disk that takes everything or nothing."""

    def __init__(
        self,
        outcome: Outcome = EVENT,
        *,
        access: WebhookAccess = OPEN,
        settings: IncomingWebhook | None = None,
    ) -> None:
        self.plugin = Taking(outcome)
        self.stored: list[Event] = []
        self.full = False
        self.metrics = Metrics()
        hook = Hook(source=source_of(slot_of(self.plugin)), access=access)
        settings = settings or IncomingWebhook()
        self.hooks = Webhooks({"alerts": hook}, settings, self._put, self.metrics)

    async def _put(self, source: str, events: Sequence[Event]) -> None:
        await trio.lowlevel.checkpoint()
        assert source == "alerts"
        if self.full:
            raise StorageError("state.db did not take a write: database or disk is full")
        self.stored += events

    @asynccontextmanager
    async def client(self) -> AsyncGenerator[Client]:
        async with connected(self.hooks.handle) as client:
            yield client

    async def post(
        self, path: str = ALERTS, /, body: bytes = b"{}", method: str = "POST", **headers: str
    ) -> Got:
        async with self.client() as client:
            return await client.ask(request_bytes(path, method, body, **headers), method)

    def counted(self, code: int, source: str = "alerts") -> float | None:
        labels = {"source": source, "code": str(code)}
        return self.metrics.registry.get_sample_value("botkube_webhook_requests_total", labels)


def error_of(got: Got) -> str:
    return str(json.loads(got.body)["error"])


async def test_a_request_becomes_an_event_on_disk() -> None:
    rig = Rig()
    got = await rig.post(body=b"payload")
    assert (got.status, got.body) == (200, b'{"success":true}')
    assert got.headers["content-type"] == "application/json; charset=utf-8"
    assert got.headers["x-content-type-options"] == "nosniff"
    assert [event.source for event in rig.stored] == ["alerts"]
    assert rig.plugin.requests[0].payload == b"payload"
    assert rig.counted(200) == 1


@pytest.mark.parametrize("path", ["/sources/v1/%61lerts", f"{ALERTS}?x=1"])
async def test_the_name_is_decoded_and_the_query_is_not_part_of_it(path: str) -> None:
    assert (await Rig().post(path)).status == 200


@pytest.mark.parametrize(
    ("method", "path", "status", "text"),
    [
        ("POST", "/sources/v1/", 400, "Source name in path is required"),
        ("POST", "/sources/v1/other", 404, 'source "other" not found'),
        ("POST", "/sources/v1/alerts/", 404, 'source "alerts/" not found'),
        ("POST", "/sources/v1/%22%0A", 404, 'source "\\"\\n" not found'),
        ("GET", ALERTS, 405, "there is only POST /sources/v1/SOURCE"),
        ("PUT", ALERTS, 405, "there is only POST"),
        ("OPTIONS", "/sources/v1/other", 405, "there is only POST"),
        ("DELETE", "/sources/v1/", 405, "there is only POST"),
    ],
)
async def test_what_is_not_there(method: str, path: str, status: int, text: str) -> None:
    rig = Rig()
    got = await rig.post(path, method=method)
    assert (got.status, got.headers.get("allow")) == (status, "POST" if status == 405 else None)
    assert error_of(got).startswith(text)
    assert got.headers["content-type"] == "application/json; charset=utf-8"
    assert got.headers["x-content-type-options"] == "nosniff"
    assert rig.plugin.requests == []
    assert rig.counted(status, "alerts" if path == ALERTS else "other") == 1


def signed(body: bytes, key: bytes = b"key") -> str:
    return f"sha256={hmac.new(key, body, hashlib.sha256).hexdigest()}"


@pytest.mark.parametrize(
    ("access", "headers", "status"),
    [
        (OPEN, {}, 200),
        (OPEN, {"origin": "http://localhost"}, 403),
        (TOKEN, {}, 401),
        (TOKEN, {"authorization": "Bearer wrong"}, 401),
        (TOKEN, {"authorization": "Bearer right"}, 200),
        (SIGNED, {}, 401),
        (SIGNED, {"x_hub_signature_256": signed(b"{}", b"wrong")}, 401),
        (SIGNED, {"x_hub_signature_256": signed(b"{}")}, 200),
    ],
)
async def test_who_may_send(access: WebhookAccess, headers: dict[str, str], status: int) -> None:
    rig = Rig(access=access)
    async with rig.client() as client:
        got = await client.ask(request_bytes(ALERTS, "POST", b"{}", **headers))
    assert (got.status, rig.counted(status)) == (status, 1)
    assert got.headers.get("www-authenticate") == ("Bearer" if status == 401 else None)
    assert len(rig.plugin.requests) == len(rig.stored) == (status == 200)
    assert b"right" not in got.body


async def test_without_the_token_of_all_nobody_learns_which_sources_there_are() -> None:
    rig = Rig(access=TOKEN, settings=IncomingWebhook(token=Secret("right")))
    assert (await rig.post("/sources/v1/other")).status == 401
    assert (await rig.post("/sources/v1/other", authorization="Bearer right")).status == 404


async def test_a_wrong_token_is_refused_before_the_body_comes() -> None:
    async with Rig(access=TOKEN).client() as client:
        got = await client.ask(request_bytes(ALERTS, "POST", content_length="1000"))
        assert (got.status, got.headers["connection"]) == (401, "close")


async def test_a_body_over_the_limit() -> None:
    rig = Rig(settings=IncomingWebhook(max_size=10))
    assert (await rig.post(body=b"x" * 10)).status == 200
    got = await rig.post(body=b"x" * 11)
    assert (got.status, error_of(got)) == (413, "the body is longer than 10 bytes")
    assert got.headers["x-content-type-options"] == "nosniff"
    large = Rig(settings=IncomingWebhook(max_size=2**22))
    assert (await large.post(body=b"x" * 2**22)).status == 200


async def test_all_bodies_together_leave_room_for_people() -> None:
    rig = Rig(hang, settings=IncomingWebhook(max_size=2**22))
    async with trio.open_nursery() as nursery:
        for _ in range(4):
            nursery.start_soon(rig.post, ALERTS, b"x" * 2**22)
        while len(rig.plugin.requests) < 4:
            await trio.testing.wait_all_tasks_blocked()
        got = await rig.post()
        assert (got.status, got.headers["retry-after"]) == (503, "1")
        nursery.cancel_scope.cancel()


async def test_a_body_that_does_not_come(autojump_clock: trio.testing.MockClock) -> None:
    rig = Rig()
    async with rig.client() as client:
        got = await client.ask(request_bytes(ALERTS, "POST", content_length="9") + b"x")
        assert (got.status, rig.counted(408)) == (408, 1)


async def test_what_cannot_be_stored_was_not_taken() -> None:
    rig = Rig()
    rig.full = True
    got = await rig.post()
    assert (got.status, "retry-after" in got.headers) == (503, True)
    assert error_of(got).startswith("nothing was taken: state.db did not take a write")


async def test_a_plugins_failure_has_its_status_and_words() -> None:
    got = await Rig(CallError("UNKNOWN", "not to my taste")).post()
    assert (got.status, error_of(got)) == (500, "not to my taste")
    got = await Rig(CallError("UNAVAILABLE", "EOF")).post()
    assert (got.status, got.headers["retry-after"]) == (502, "10")


async def hang() -> NoReturn:
    await trio.sleep_forever()


async def test_a_plugin_that_takes_too_long(autojump_clock: trio.testing.MockClock) -> None:
    rig = Rig(hang, settings=IncomingWebhook(timeout=3.0))
    got = await rig.post()
    assert (got.status, error_of(got)) == (504, "the source 'alerts' was not done within 3 s")
    assert (trio.current_time(), rig.stored) == (3.0, [])


async def test_a_sender_that_leaves_takes_its_request_with_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    cancelled = trio.Event()

    async def until_cancelled() -> NoReturn:
        try:
            await hang()
        finally:
            cancelled.set()

    rig = Rig(until_cancelled)
    async with rig.client() as client:
        await client.send(request_bytes(ALERTS, "POST", b"{}"))
        await trio.testing.wait_all_tasks_blocked()
        await client.stream.aclose()
        await cancelled.wait()
        await client.dropped.wait()
    assert (rig.counted(499), rig.stored, caplog.records) == (1, [], [])


async def test_a_kind_of_refusal_is_logged_now_and_then_without_what_was_sent(
    autojump_clock: trio.testing.MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "botkube")
    rig = Rig(CallError("UNKNOWN", "no secret words please"), access=TOKEN)
    for wait in (0.0, 1.0, CALM):
        await trio.sleep(wait)
        await rig.post(body=b"secret words", authorization="Bearer right")
        await rig.post(authorization="Bearer secret-wrong")
        await rig.post("/sources/v1/secret-path")
    levels = [record.levelno for record in caplog.records]
    first = [logging.WARNING, logging.INFO, logging.INFO]
    assert levels == [*first, *[logging.DEBUG] * 3, *first]
    said = [getattr(record, "fields", {}) for record in caplog.records]
    assert said[0]["source"] == "alerts"
    assert said[2]["source"] == "other"
    assert "secret" not in str(said) + caplog.text
