"""`webhook` through the real protocol."""

from collections.abc import AsyncGenerator
from pathlib import Path

import msgspec
import pytest
import trio
from botkube.sdk.testing import CallFailed, PluginHarness

PLUGIN = Path(__file__).with_name("webhook.py")


@pytest.fixture
async def webhook() -> AsyncGenerator[PluginHarness]:
    """The plugin, running."""
    async with PluginHarness.start(PLUGIN) as started:
        yield started


async def test_an_alert_becomes_an_event(webhook: PluginHarness) -> None:
    alert = {
        "title": "Disk full",
        "level": "error",
        "link": "https://example.com/1",
        "details": {"host": "web"},
    }
    with trio.fail_after(20):
        event = await webhook.handle_external_request(alert, {"prefix": "prod: "})
    section = event.message.sections[0]
    assert section.header == "🔴 prod: Disk full"
    assert section.buttons[0].url == "https://example.com/1"
    assert [(field.key, field.value) for field in section.text_fields] == [("host", "web")]
    assert event.raw == {**alert, "text": ""}


async def test_without_buttons_there_are_none(webhook: PluginHarness) -> None:
    with trio.fail_after(20):
        event = await webhook.handle_external_request(
            {"title": "x", "link": "https://example.com"}, interactive=False
        )
    assert event.message.sections[0].buttons == ()


async def test_a_wrong_payload_is_explained(webhook: PluginHarness) -> None:
    wrong: list[tuple[object, str]] = [
        (b"title=x", "the payload does not fit"),
        ({}, "title is missing"),
        ({"title": "x", "level": "fatal"}, "expected one of error, info, warning"),
        ({"title": "x", "link": "javascript:x"}, "link is .* expected text matching"),
    ]
    for payload, said in wrong:
        with trio.fail_after(20), pytest.raises(CallFailed, match=said):
            await webhook.handle_external_request(payload)


async def test_its_stream_is_open_and_silent(webhook: PluginHarness) -> None:
    with trio.move_on_after(0.2) as moment:
        async with webhook.stream() as events:
            await anext(events)
    assert moment.cancelled_caught


async def test_its_schema_is_for_whoever_sends(webhook: PluginHarness) -> None:
    with trio.fail_after(20):
        metadata = await webhook.metadata()
    schema = msgspec.json.decode(metadata.external_request_schema or "")
    assert schema["required"] == ["title"]
    assert schema["properties"]["level"]["enum"] == ["error", "info", "warning"]
