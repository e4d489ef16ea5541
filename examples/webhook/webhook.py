#!/usr/bin/env python3
"""The `webhook` source of Botkube: an alert that something sends by HTTP becomes an event. Shows a source of webhook calls
alone, a typed payload, and its JSON Schema.

    curl -d '{"title": "Backup failed", "level": "error"}' http://botkube:2115/sources/v1/alerts
"""

from collections.abc import Mapping
from typing import Annotated, Final, Literal

import msgspec
from botkube.sdk import (
    Event,
    ExternalInput,
    WebhookSource,
    fields,
    json_schema,
    message,
    override,
    section,
    serve,
    url_button,
)
from msgspec import Meta

Level = Literal["info", "warning", "error"]

SIGNS: Final[Mapping[Level, str]] = {"info": "🔵", "warning": "🟡", "error": "🔴"}


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Configuration of `webhook`."""

    prefix: Annotated[str, Meta(description="Stands before each title.")] = ""


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """What is sent."""

    title: Annotated[str, Meta(min_length=1, description="One line.")]
    text: Annotated[str, Meta(description="More of it.")] = ""
    level: Annotated[Level, Meta(description="How serious it is.")] = "info"
    link: Annotated[str, Meta(description="Where to read on.", pattern="^(https?://.*)?$")] = ""
    details: Annotated[dict[str, str], Meta(description="Shown as fields.")] = {}


class Webhook(WebhookSource[Settings]):
    """Turns each call into one event."""

    name = "webhook"
    version = "1.0.0"
    description = "Reports alerts that are sent to it."
    external_request_schema = json_schema(Alert)

    @override
    async def handle_external_request(self, request: ExternalInput, config: Settings) -> Event:
        """Show the alert; with a button that opens its link, where there are buttons."""
        alert = request.decode(Alert)
        links = [url_button("Open", alert.link)] if alert.link and request.interactive else []
        block = section(
            f"{SIGNS[alert.level]} {config.prefix}{alert.title}",
            text=alert.text,
            text_fields=fields(alert.details),
            buttons=links,
        )
        return Event(message=message(block), raw=alert, labels={"level": alert.level})


def main() -> None:
    """Be the plugin."""
    serve(Webhook())


if __name__ == "__main__":
    main()
