"""Addresses name a channel, threads aside."""

from botkube.model.command import Address, Origin, Outcome


def test_the_key_of_a_channel_leaves_threads_aside() -> None:
    assert Address(platform="default-playground", channel="general").key == (
        Address(platform="default-playground", channel="general", thread="t").key
    )
    assert Address(platform="p", channel="c").key == "p:c"


def test_the_words_plugins_and_clients_know() -> None:
    assert {origin.value for origin in Origin} == {
        "typed",
        "buttonClick",
        "selectValueChange",
        "multiSelectValueChange",
        "plainTextInput",
        "automation",
        "unknown",
    }
    assert {outcome.value for outcome in Outcome} == {
        "ok",
        "failed",
        "refused",
        "timeout",
        "cancelled",
    }
