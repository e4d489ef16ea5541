"""Finding a channel by where a command came from."""

from botkube.model.command import Address
from tests.fakes.engine import ADDRESS, channel_with, routes_of


def test_a_channel_is_found_from_any_of_its_threads() -> None:
    channel = channel_with()
    routes = routes_of(channel)
    assert routes.channel(ADDRESS) is channel
    assert routes.channel(channel.address_in("t1")) is channel
    assert routes.channel(Address(platform=ADDRESS.platform, channel="other")) is None
    assert routes.channel(Address(platform="other", channel=ADDRESS.channel)) is None


def test_a_thread_of_a_channel() -> None:
    assert channel_with().address_in("t1") == Address(
        platform="default-playground", channel="general", thread="t1"
    )
