"""What a reply needs survives the way through the engine."""

from botkube.bots.slack.saying.asked import Asked, asked_of, trail_of
from botkube.model.command import Address, Incoming, User

ADDRESS = Address(platform="main-socketSlack", channel="general", thread="1.5")


def incoming(trail: bytes = b"") -> Incoming:
    return Incoming(id="1", text="ping", user=User(name="U1"), address=ADDRESS, trail=trail)


def test_what_was_asked_travels() -> None:
    asked = Asked(channel="C1", user="U1", ts="1.2", response_url="https://r", done="")
    assert asked_of(incoming(trail_of(asked))) == asked


def test_without_a_trail_the_address_says_where() -> None:
    assert asked_of(incoming()) == Asked(channel="general", thread="1.5")
