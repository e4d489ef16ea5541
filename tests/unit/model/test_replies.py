"""Replies that every part may have to give."""

from botkube.model.command import Outcome
from botkube.model.replies import code, interrupted, plain


def test_code_and_plain_text() -> None:
    reply = code("x\ny", "above", Outcome.FAILED)
    assert (reply.message.base_body.code_block, reply.description) == ("x\ny", "above")
    assert reply.outcome is Outcome.FAILED
    assert plain("hi").message.base_body.plaintext == "hi"
    assert plain("hi").outcome is Outcome.OK


def test_an_interrupted_command_can_be_run_again_as_it_was() -> None:
    reply = interrupted("echo  '{a}'\n 100%")
    assert reply.message.base_body.plaintext == (
        "`echo '{a}' 100%` was interrupted by a restart. Run it again?"
    )
    (button,) = reply.message.sections[0].buttons
    assert button.command == "{{BotName}} echo  '{a}'\n 100%"
    assert reply.outcome is Outcome.CANCELLED
