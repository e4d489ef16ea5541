"""How a channel of Slack's is written."""

import pytest

from botkube.model.slackname import slack_name


@pytest.mark.parametrize("name", ["general", "#general", " # general "])
def test_a_name_with_a_hash_is_the_same_channel(name: str) -> None:
    assert slack_name(name) == "general"
