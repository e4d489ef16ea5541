"""What the listener says about parts that this configuration, or this version, does not have."""

from dataclasses import replace
from pathlib import Path

import pytest

from botkube.app.build import build
from botkube.app.chats import SlackPlatform
from botkube.app.foundation import Base, listening
from botkube.config import embedded_default
from botkube.config.schema.platforms import SocketSlack
from botkube.web.http import HttpError, Request
from tests.fakes.base import base_with

CONFIG = embedded_default().config
assert CONFIG is not None

PLAN = build(CONFIG)


async def refused(base: Base, path: str) -> HttpError:
    async with listening(base, ()):
        with pytest.raises(HttpError) as caught:
            await base.doors.handle(Request(method="GET", path=path, query={}, headers={}))
    return caught.value


@pytest.mark.parametrize(
    ("platforms", "path", "status"),
    [
        ((), "/", 404),
        ((), "/assets/app.js", 404),
        ((), "/api/v1/channels", 404),
        ((), "/api/v1/plugins", 503),
        ((), "/api/v1/plugins/logs", 503),
        (PLAN.platforms, "/", 503),
        (PLAN.platforms, "/api/v1/channels", 503),
    ],
)
async def test_who_will_never_be_there_is_not_said_to_be_starting(
    tmp_path: Path, platforms: tuple[str, ...], path: str, status: int
) -> None:
    error = await refused(base_with(replace(PLAN, platforms=platforms), tmp_path), path)
    assert error.status == status
    assert ("starting" in str(error)) == (status == 503)


async def test_without_a_playground_it_says_where_to_talk(tmp_path: Path) -> None:
    slack = SlackPlatform(name="g-socketSlack", config=SocketSlack(), rooms={})
    plan = replace(PLAN, platforms=(), slacks=(slack,))
    error = await refused(base_with(plan, tmp_path), "/api/v1/channels")
    assert str(error) == ("no playground is configured: in Slack (g-socketSlack) say @Botkube help")


async def test_webhooks_that_are_off_say_how_to_have_them(tmp_path: Path) -> None:
    error = await refused(base_with(PLAN, tmp_path), "/sources/v1/x")
    assert (error.status, "plugins.incomingWebhook.enabled" in str(error)) == (404, True)
    error = await refused(base_with(PLAN, tmp_path, webhooks=True), "/sources/v1/x")
    assert (error.status, "starting" in str(error)) == (503, True)
