"""A payload → the group's plugins → events; and a status for everything that can go wrong on the way."""

from typing import TYPE_CHECKING, NoReturn, cast

import pytest
import trio
import trio.testing

from botkube.bridges.webhook import ASKED, AT_ONCE, PATIENCE, WAITING, Refused, WebhookSource
from botkube.runtime.override import override
from botkube.wire.errors import CallError, RequestTooLarge
from botkube.wire.messages import ExternalRequest
from tests.fakes.hooks import EVENT, UNIMPLEMENTED, Outcome, Taking, slot_of, source_of

if TYPE_CHECKING:
    from botkube.wire.client import PluginClient

SCHEMA = '{"type":"object","required":["message"]}'
FITTING = b'{"message":"secret words"}'


async def refusal(source: WebhookSource, payload: bytes = b"p") -> Refused:
    with pytest.raises(Refused) as caught:
        await source.events(payload)
    return caught.value


async def test_the_plugin_is_told_everything_and_its_event_comes_back() -> None:
    plugin = Taking()
    [event] = await source_of(slot_of(plugin), config=b"a: 1\n").events(b"\x00 any bytes")
    assert (event.source, event.received_at) == ("alerts", 7.0)
    assert plugin.requests == [
        ExternalRequest(
            payload=b"\x00 any bytes",
            config=b"a: 1\n",
            interactive=True,
            cluster_name="c",
            source_name="alerts",
            webhook_base_url="http://b",
            webhook_full_url="http://b/sources/v1/alerts",
        )
    ]


async def test_no_configuration_is_a_null_as_in_the_original() -> None:
    plugin = Taking()
    await source_of(slot_of(plugin)).events(b"")
    assert plugin.requests[0].config == b"null\n"


@pytest.mark.parametrize(
    ("outcome", "status", "text"),
    [
        (UNIMPLEMENTED, 501, "the source 'alerts' takes no requests"),
        (CallError("UNKNOWN", "no 100% {x}"), 500, "no 100% {x}"),
        (CallError("UNKNOWN", ""), 500, "UNKNOWN"),
        (CallError("RESOURCE_EXHAUSTED", "its answer is too large"), 500, "its answer is too"),
        (RequestTooLarge("RESOURCE_EXHAUSTED", "the request has 9 bytes"), 413, "the request has"),
        (CallError("UNAVAILABLE", "EOF"), 502, "the plugin gate/hook stopped while it worked"),
        (CallError("DEADLINE_EXCEEDED", ""), 504, "the plugin gate/hook did not answer in time"),
        (b"{", 502, "the plugin gate/hook answered nonsense"),
    ],
)
async def test_failures(outcome: Outcome, status: int, text: str) -> None:
    refused = await refusal(source_of(slot_of(Taking(outcome))))
    assert refused.status == status
    assert str(refused).startswith(text)
    assert bool(refused.retry_after) is (status == 502 and "stopped" in text)


@pytest.mark.parametrize("outcome", [CallError("UNKNOWN", "secret words"), b'"secret words"'])
async def test_what_a_plugin_says_is_not_for_the_log(outcome: Outcome) -> None:
    refused = await refusal(source_of(slot_of(Taking(outcome))))
    assert "secret words" not in refused.logged
    assert "gate/hook" in refused.logged


async def test_a_parked_plugin_says_why_at_once() -> None:
    slot = slot_of()
    slot.park("no such file")
    refused = await refusal(source_of(slot))
    assert (refused.status, bool(refused.retry_after)) == (503, True)
    assert str(refused) == "plugin gate/hook is not running: no such file"


async def test_a_restarting_plugin_is_waited_for_a_while(
    autojump_clock: trio.testing.MockClock,
) -> None:
    slot = slot_of()
    refused = await refusal(source_of(slot))
    assert (refused.status, trio.current_time()) == (503, PATIENCE)
    assert "starting or restarting" in str(refused)
    async with trio.open_nursery() as nursery:

        async def come_back() -> None:
            await trio.sleep(PATIENCE - 1)
            slot.open(cast("PluginClient", Taking()))

        nursery.start_soon(come_back)
        assert len(await source_of(slot).events(b"")) == 1


class Hanging(Taking):
    """Takes requests and never answers."""

    def __init__(self) -> None:
        super().__init__(self._hang)
        self.cancelled = 0

    async def _hang(self) -> NoReturn:
        try:
            await trio.sleep_forever()
        finally:
            self.cancelled += 1


async def test_so_many_at_once_and_so_many_wait() -> None:
    plugin = Hanging()
    source = source_of(slot_of(plugin))
    async with trio.open_nursery() as nursery:
        for _ in range(AT_ONCE + WAITING):
            nursery.start_soon(source.events, b"")
        await trio.testing.wait_all_tasks_blocked()
        assert len(plugin.requests) == AT_ONCE
        refused = await refusal(source)
        assert (refused.status, bool(refused.retry_after)) == (429, True)
        nursery.cancel_scope.cancel()
    assert plugin.cancelled == AT_ONCE


async def test_each_plugin_that_takes_requests_makes_an_event() -> None:
    slots = [slot_of(Taking(outcome)) for outcome in (EVENT, UNIMPLEMENTED, EVENT)]
    assert len(await source_of(*slots).events(b"")) == 2


@pytest.mark.parametrize("first", [True, False])
async def test_one_that_fails_is_a_failure_of_all(*, first: bool) -> None:
    outcomes: list[Outcome] = [EVENT, CallError("UNKNOWN", "not to my taste")]
    slots = [slot_of(Taking(outcome)) for outcome in (outcomes[::-1] if first else outcomes)]
    assert (await refusal(source_of(*slots))).status == 500


async def test_a_payload_that_does_not_fit_never_reaches_the_plugin() -> None:
    plugin = Taking(schema=SCHEMA)
    source = source_of(slot_of(plugin))
    for payload in (b'{"secret":1}', b"secret", b"[]"):
        refused = await refusal(source, payload)
        assert refused.status == 400
        assert "the payload does not fit what the plugin gate/hook takes: " in str(refused)
        assert "secret" not in refused.logged
    assert plugin.requests == []
    assert len(await source.events(FITTING)) == 1


async def test_each_life_of_a_plugin_is_asked_once_what_it_takes() -> None:
    before, after = Taking(schema=SCHEMA), Taking()
    slot = slot_of(before)
    source = source_of(slot)
    async with trio.open_nursery() as nursery:
        for _ in range(5):
            nursery.start_soon(source.events, FITTING)
    assert (before.asked, len(before.requests)) == (1, 5)
    slot.open(cast("PluginClient", after))
    for _ in range(2):
        await source.events(b"anything")
    assert (before.asked, after.asked, len(after.requests)) == (1, 1, 2)


@pytest.mark.parametrize(
    ("schema", "lines"),
    [
        ("{", 1),
        ('{"type":"nonsense"}', 1),
        ('{"$ref":"https://example.test/schema.json"}', 1),
        ('{"$ref":"#/nowhere"}', 1),
        ("", 0),
        (CallError("UNIMPLEMENTED", ""), 0),
        (CallError("UNKNOWN", "no"), 0),
    ],
)
async def test_without_a_schema_that_works_everything_passes(
    schema: str | Exception, lines: int, caplog: pytest.LogCaptureFixture
) -> None:
    plugin = Taking(schema=schema)
    source = source_of(slot_of(plugin))
    for _ in range(3):
        assert len(await source.events(b"[5]")) == 1
    assert (plugin.asked, len(caplog.records)) == (1, lines)


class Speechless(Taking):
    """Never says what it takes."""

    @override
    async def source_metadata(self) -> NoReturn:
        self.asked += 1
        await trio.sleep_forever()


async def test_a_plugin_that_does_not_say_what_it_takes_gets_everything(
    autojump_clock: trio.testing.MockClock,
) -> None:
    plugin = Speechless()
    source = source_of(slot_of(plugin))
    for _ in range(2):
        assert len(await source.events(b"x")) == 1
    assert (trio.current_time(), plugin.asked) == (ASKED, 1)
