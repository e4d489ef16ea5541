"""The manifest asks for what is used, and for nothing more."""

import pytest

from botkube.bots.slack.setup.manifest import HISTORY_SCOPES, SCOPES, manifest


def scopes(**options: bool | str) -> list[str]:
    found = manifest(**options)["oauth_config"]  # type: ignore[arg-type]
    assert isinstance(found, dict)
    return list(found["scopes"]["bot"])


def test_the_least() -> None:
    found = manifest()
    assert found == {
        "display_information": {
            "name": "Botkube",
            "description": "Tells what happens in Kubernetes clusters, and runs commands there.",
        },
        "features": {"bot_user": {"display_name": "Botkube", "always_online": False}},
        "oauth_config": {"scopes": {"bot": sorted(SCOPES)}},
        "settings": {
            "event_subscriptions": {
                "bot_events": ["app_mention", "channel_rename", "group_rename"]
            },
            "interactivity": {"is_enabled": True},
            "org_deploy_enabled": False,
            "socket_mode_enabled": True,
            "token_rotation_enabled": False,
        },
    }


def test_the_scopes_of_the_original_and_names_of_users() -> None:
    original = {
        *("channels:read", "groups:read", "app_mentions:read", "reactions:write"),
        *("chat:write", "files:write", "files:read"),
    }
    assert set(SCOPES) == original | {"users:read"}


@pytest.mark.parametrize(
    ("options", "more"),
    [
        ({}, set()),
        ({"history": True}, set(HISTORY_SCOPES)),
        ({"triggers": True}, set(HISTORY_SCOPES)),
        ({"slash": "/botkube"}, {"commands"}),
    ],
)
def test_an_option_adds_its_scopes(options: dict[str, bool | str], more: set[str]) -> None:
    assert set(scopes(**options)) == set(SCOPES) | more


def test_triggers_need_the_messages() -> None:
    settings = manifest(triggers=True)["settings"]
    assert isinstance(settings, dict)
    assert "message.channels" in settings["event_subscriptions"]["bot_events"]


def test_a_slash_command() -> None:
    features = manifest(slash="botkube")["features"]
    assert isinstance(features, dict)
    assert features["slash_commands"][0]["command"] == "/botkube"


def test_a_long_name_is_cut_to_what_slack_takes() -> None:
    info = manifest("B" * 50)["display_information"]
    assert isinstance(info, dict)
    assert len(info["name"]) == 35
