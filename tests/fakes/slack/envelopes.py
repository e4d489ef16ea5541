"""Socket Mode envelopes as Slack sends them, as far as their fields matter here."""

import json
from collections.abc import Mapping

BOT = "UBOT"


def envelope(kind: str, payload: object, **more: object) -> str:
    """Any envelope."""
    frame = {
        "type": kind,
        "envelope_id": "e-1",
        "accepts_response_payload": False,
        "payload": payload,
    }
    return json.dumps(frame | more)


def event(**fields: object) -> str:
    """An event in a channel; a mention of the bot unless its fields say otherwise."""
    inner = {
        "type": "app_mention",
        "user": "U1",
        "text": f"<@{BOT}> ping",
        "channel": "C1",
        "ts": "10.1",
        "event_ts": "10.1",
    }
    payload = {
        "type": "event_callback",
        "event_id": "Ev1",
        "team_id": "T1",
        "event": inner | fields,
    }
    return envelope("events_api", payload, retry_attempt=0, retry_reason="")


def clicked(*actions: Mapping[str, object], **fields: object) -> str:
    """An element of a message was used."""
    payload = {
        "type": "block_actions",
        "trigger_id": "t.1",
        "response_url": "https://hooks.example/resp",
        "user": {"id": "U1", "username": "ann", "team_id": "T1"},
        "channel": {"id": "C1", "name": "general"},
        "container": {
            "type": "message",
            "message_ts": "10.2",
            "channel_id": "C1",
            "is_ephemeral": False,
        },
        "message": {"ts": "10.2", "type": "message", "text": "x"},
        "actions": list(actions),
        "state": {"values": {}},
    }
    return envelope("interactive", payload | fields)


def submitted(values: object, metadata: str = "C1") -> str:
    """A modal was submitted."""
    payload = {
        "type": "view_submission",
        "trigger_id": "t.2",
        "user": {"id": "U1", "name": "ann"},
        "view": {"id": "V1", "private_metadata": metadata, "state": {"values": values}},
    }
    return envelope("interactive", payload, accepts_response_payload=True)


def slash(text: str, **fields: object) -> str:
    """A slash command."""
    payload = {
        "command": "/botkube",
        "text": text,
        "user_id": "U1",
        "user_name": "ann",
        "channel_id": "C1",
        "channel_name": "general",
        "trigger_id": "t.3",
        "response_url": "https://hooks.example/slash",
    }
    return envelope("slash_commands", payload | fields, accepts_response_payload=True)
