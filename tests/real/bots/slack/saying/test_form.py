"""A form as the answer to a command that is shown: whatever fails on the way, what showed it gives way, and nothing is said twice."""

from collections.abc import Callable
from pathlib import Path

import pytest

from botkube.bots.slack.saying.asked import TRIGGER_LIFE, Asked
from botkube.model.command import Partial, Reply
from botkube.model.message import Body, LabelInput, Message, MessageType, Section
from botkube.runtime.clock import wall
from tests.fakes.receiver import Answer, Call
from tests.fakes.slack.outbound import Outbound, replying

pytestmark = pytest.mark.real
INPUTS = (LabelInput(command="c", text="l"),)
SECTIONS = tuple(Section(body=Body(plaintext=f"part {n} " + "x" * 200)) for n in range(30))
FORM = Message(type=MessageType.FORM, plaintext_inputs=INPUTS)
LONG_FORM = Message(type=MessageType.FORM, plaintext_inputs=INPUTS, sections=SECTIONS)
AWAY = Answer(status=503, headers={"Retry-After": "2"})
EXPIRED = Answer(body=b'{"ok":false,"error":"expired_trigger_id"}')
OPENED = Answer(body=b'{"ok":true,"view":{"id":"V1"}}')

Fault = Callable[[str, Call], Answer | None]


def failing(opening: Answer, method: str, *answers: Answer | None) -> Fault:
    """A form is answered so, and then a method so, one after the other."""
    left = list(answers)

    def fault(asked: str, _: Call) -> Answer | None:
        if asked == "views.open":
            return opening
        return left.pop(0) if asked == method and left else None

    return fault


async def answered(out: Outbound, message: Message, fault: Fault) -> None:
    """A click whose command was shown is answered with a form, past the second in which a form may be opened."""
    said = out.workspace.say("C1", "click me")
    asked = Asked(
        channel="C1",
        user="U1",
        message=str(said["ts"]),
        trigger_id="t",
        triggered_at=wall() - TRIGGER_LIFE + 1.5,
    )
    incoming = await out.journalled(asked, "form")
    shown = Message(base_body=Body(code_block="RUNNING"))
    await out.replier.progress(incoming, Partial(message=shown))
    await out.slack.says("RUNNING")
    out.workspace.fault = fault
    await out.replier.finish(incoming, Reply(header="Form", message=message))


def texts(out: Outbound) -> str:
    return "\n".join(post.shown for post in out.workspace.posts())


async def test_the_message_in_its_stead_is_late(tmp_path: Path) -> None:
    async with replying(tmp_path) as out:
        await answered(out, FORM, failing(EXPIRED, "chat.postMessage", AWAY))
    assert "RUNNING" not in texts(out)


async def test_the_second_message_in_its_stead_is_late(tmp_path: Path) -> None:
    async with replying(tmp_path) as out:
        await answered(out, LONG_FORM, failing(EXPIRED, "chat.postMessage", None, AWAY))
    assert "RUNNING" not in texts(out)
    assert all(texts(out).count(f"part {n} ") for n in range(30))
    blocks = [str(post.blocks) for post in out.workspace.posts()]
    assert [sum(f"part {n} " in text for text in blocks) for n in range(30)] == [1] * 30


async def test_it_was_opened_and_what_showed_the_command_gives_way_later(tmp_path: Path) -> None:
    async with replying(tmp_path) as out:
        await answered(out, FORM, failing(OPENED, "chat.update", AWAY))
    assert "RUNNING" not in texts(out)
