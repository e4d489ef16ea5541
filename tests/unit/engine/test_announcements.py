"""The original's announcements, word for word."""

from botkube.engine.announcements import first_help, watch_begins, watch_ended
from tests.fakes.engine import channel_with, executor


def test_the_texts() -> None:
    assert (
        watch_begins("dev").message.base_body.plaintext
        == "My watch begins for cluster 'dev'! :crossed_swords:"
    )
    assert (
        watch_ended("dev").base_body.plaintext
        == "My watch has ended for cluster 'dev'. See you soon!"
    )


def test_the_first_help_is_the_channels() -> None:
    reply = first_help(channel_with(executor("kubectl")), "dev")
    assert reply.header == '🚀 Botkube instance "dev" is now active.'
    assert any("kubectl" in section.description for section in reply.message.sections)
