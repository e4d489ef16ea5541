"""Addresses of channels."""

from botkube.model.command import Address
from botkube.model.routes import Channel, Routes

CHANNEL = Channel(
    address=Address(platform="g-playground", channel="general"),
    target="g-playground:one",
    name="general",
    bot="@Botkube",
    interactive=True,
    muted=False,
    executors=(),
    sources=(),
)
ROUTES = Routes(cluster="c", channels={("g-playground", "general"): CHANNEL})


def test_a_thread_belongs_to_its_channel() -> None:
    address = CHANNEL.address_in("t1")
    assert address.thread == "t1"
    assert address.key == CHANNEL.address.key == "g-playground:general"
    assert ROUTES.channel(address) is CHANNEL


def test_another_platform_has_other_channels() -> None:
    assert ROUTES.channel(Address(platform="other", channel="general")) is None
