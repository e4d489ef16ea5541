"""Which plain messages run a command."""

import pytest

from botkube.bots.slack.hearing.inbound import Said
from botkube.bots.slack.hearing.triggers import LONGEST, Trigger, excluded_users, triggered
from botkube.model.command import Address
from botkube.model.routes import Channel

CHANNEL = Channel(
    address=Address(platform="p", channel="c"),
    target="p:c",
    name="c",
    bot="",
    interactive=True,
    muted=False,
    executors=(),
    sources=(),
)


def said(text: str, user: str = "U1") -> Said:
    return Said(keys=(), channel="C1", user=user, ts="1.1", raw=text)


def trigger(command: str = "ai", **more: object) -> Trigger:
    fields: dict[str, object] = {"include": ("error",), **more}
    return Trigger(channel=CHANNEL, command=command, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "pulled"),
    [
        ("an error!", True),
        ("an ERROR", False),
        ("all is well", False),
        ("error, never mind", False),
        ("x" * LONGEST + "error", False),
    ],
)
def test_exclude_goes_before_include(text: str, pulled: bool) -> None:  # noqa: FBT001
    found = triggered(said(text), [trigger(exclude=("never",))])
    assert (found is not None) is pulled


@pytest.mark.parametrize(
    ("text", "include", "exclude", "pulled"),
    [
        ("an error", "error", "", True),
        ("an error", "error", " ", True),
        ("so (why)", "so (why)", "", True),
        ("and so (why)", "so (why)", "", False),
        ("error (1)", "error", "error (1)", False),
    ],
)
def test_the_very_text_fits_and_a_blank_exclude_is_none(
    text: str, include: str, exclude: str, *, pulled: bool
) -> None:
    found = triggered(said(text), [trigger(include=(include,), exclude=(exclude,))])
    assert (found is not None) is pulled


def test_the_first_one_that_fits_is_it() -> None:
    first, second = trigger("one", users=frozenset({"U2"})), trigger("two")
    assert triggered(said("error"), [first, second]) == first
    assert triggered(said("error", "U2"), [first, second]) == second
    assert triggered(said("error"), [trigger(include=())]) is None


def test_users_are_listed_with_or_without_labels() -> None:
    assert excluded_users(["U1", "U2: bob", " U3 "]) == {"U1", "U2", "U3"}
