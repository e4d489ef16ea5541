"""Where people meet an instance that has no page; what is printed is tested with `run`, what is answered with the doors."""

from dataclasses import replace

import pytest

from botkube.app.build import build
from botkube.app.chats import SlackPlatform
from botkube.app.whereabouts import first_steps, without_page
from botkube.config import embedded_default
from botkube.config.schema.platforms import SocketSlack

CONFIG = embedded_default().config
assert CONFIG is not None

SLACK = SlackPlatform(name="g-socketSlack", config=SocketSlack(), rooms={})
PLAN = replace(build(CONFIG), platforms=(), slacks=(SLACK,))


def test_each_slack_is_named_and_how_to_look_at_it() -> None:
    plan = replace(PLAN, slacks=(SLACK, SlackPlatform(name="h", config=SocketSlack(), rooms={})))
    lines = first_steps(plan, "http://h:1", "botkube doctor slack")
    assert [line.split("(")[-1].split(":")[0] for line in lines[:2]] == ["g-socketSlack", "h"]
    assert lines[2:] == [
        "Whether everything works: http://h:1/readyz",
        "If Slack does not answer: botkube doctor slack",
    ]
    assert "(g-socketSlack, h)" in without_page(plan)


@pytest.mark.parametrize("key", ["playground", "socketSlack"])
def test_without_a_chat_the_keys_to_enable_are_named(key: str) -> None:
    assert key in without_page(replace(PLAN, slacks=()))
