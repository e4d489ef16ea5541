"""Configurations in which the program is connected to the test suite's fake of Slack."""

import json
from collections.abc import Mapping

from tests.fakes.slack.workspace import APP_TOKEN, BOT_TOKEN

QUIET: Mapping[str, object] = {"sources": [], "executors": ["tools"]}
LOUD: Mapping[str, object] = {"sources": ["beat"], "executors": ["tools"]}


def slack_config(
    api_url: str,
    *,
    beat: Mapping[str, object] | None = None,
    pages: Mapping[str, Mapping[str, object]] | None = None,
) -> str:
    """Echo in #general; with a `beat` its events too; `pages` are the playground's channels with their bindings."""
    slack = {
        "enabled": True,
        "apiURL": api_url,
        "botToken": BOT_TOKEN,
        "appToken": APP_TOKEN,
        "channels": {"general": {"name": "general", "bindings": LOUD if beat else QUIET}},
    }
    group: dict[str, object] = {"socketSlack": slack}
    if pages:
        channels = {name: {"name": name, "bindings": bound} for name, bound in pages.items()}
        group["playground"] = {"enabled": True, "channels": channels}
    config: dict[str, object] = {
        "settings": {"clusterName": "demo"},
        "executors": {"tools": {"builtin/echo": {"enabled": True}}},
        "communications": {"default": group},
    }
    if beat:
        source = {"enabled": True, "config": beat}
        config["sources"] = {"beat": {"displayName": "Heartbeat", "builtin/heartbeat": source}}
    return json.dumps(config)
