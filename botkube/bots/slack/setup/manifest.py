"""The manifest of the Slack app: what to paste at api.slack.com/apps, "From a manifest". Pure."""

from collections.abc import Mapping
from typing import Final

from botkube.bots.slack.drawing.escape import label

_NAME: Final = 35
_DISPLAY_NAME: Final = 80
_DESCRIPTION: Final = 140

SCOPES: Final = (
    *("app_mentions:read", "channels:read", "chat:write", "files:read", "files:write"),
    *("groups:read", "reactions:write", "users:read"),
)
HISTORY_SCOPES: Final = ("channels:history", "groups:history")
APP_SCOPE: Final = "connections:write"  # of the app's token; a manifest cannot make that
EVENTS: Final = ("app_mention", "channel_rename", "group_rename")
TRIGGER_EVENTS: Final = ("message.channels",)
WHAT: Final = "Tells what happens in Kubernetes clusters, and runs commands there."


def manifest(
    name: str = "Botkube", *, history: bool = False, triggers: bool = False, slash: str = ""
) -> Mapping[str, object]:
    """The manifest of an app.

    Args:
        name: what the bot is called.
        history: read what was said while it was disconnected.
        triggers: run commands on plain messages, which needs the history scopes too.
        slash: a slash command, such as "/botkube"; none if empty.
    """
    scopes = [*SCOPES, *(HISTORY_SCOPES if history or triggers else ())]
    features: dict[str, object] = {
        "bot_user": {"display_name": label(name, _DISPLAY_NAME), "always_online": False}
    }
    if slash:
        scopes.append("commands")
        features["slash_commands"] = [_slash(slash)]
    return {
        "display_information": {"name": label(name, _NAME), "description": WHAT[:_DESCRIPTION]},
        "features": features,
        "oauth_config": {"scopes": {"bot": sorted(scopes)}},
        "settings": {
            "event_subscriptions": {"bot_events": [*EVENTS, *(TRIGGER_EVENTS if triggers else ())]},
            "interactivity": {"is_enabled": True},
            "org_deploy_enabled": False,
            "socket_mode_enabled": True,
            "token_rotation_enabled": False,
        },
    }


def _slash(command: str) -> Mapping[str, object]:
    return {
        "command": f"/{command.lstrip('/')}",
        "description": "Run a command of Botkube",
        "usage_hint": "help",
        "should_escape": False,
    }
