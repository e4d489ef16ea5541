"""Replies every part may give."""

from botkube.model.command import Outcome
from botkube.model.replies import code, interrupted, plain


def test_code_and_plain_differ_in_the_body_only() -> None:
    assert code("x").message.base_body.code_block == "x"
    assert plain("x").message.base_body.plaintext == "x"
    assert code("x", "d", Outcome.FAILED).outcome is plain("x", "d", Outcome.FAILED).outcome


def test_an_interrupted_command_offers_to_run_it_again() -> None:
    reply = interrupted("echo  a\nb")
    assert reply.outcome is Outcome.CANCELLED
    assert "`echo a b` was interrupted by a restart" in reply.message.base_body.plaintext
    [button] = reply.message.sections[0].buttons
    assert button.command == "{{BotName}} echo  a\nb"
