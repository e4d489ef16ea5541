"""What is said about a plugin that does not work, word by word."""

import math

import msgspec
import pytest

from botkube.engine.notice import notice_message
from botkube.engine.outage import Back, Broken, Failure, Outage
from botkube.model.message import Body, Button, Message, Section

FAILURE = Failure(
    part="plugin:r/p", at=3.0, then="retried", reason="it exited with code 3", retry_at=15.0
)
OUTAGE = Outage(began=3.0, last=FAILURE, down=frozenset({"plugin:r/p"}))
START = ":exclamation: The `r/p` plugin does not work: it exited with code 3."
HAND = "`{{BotName}} restart r/p`"
changed = msgspec.structs.replace


def broken(outage: Outage = OUTAGE, **last: object) -> Message:
    return notice_message("r/p", Broken(changed(outage, last=changed(FAILURE, **last))), 8.0)


@pytest.mark.parametrize(
    ("message", "rest"),
    [
        (broken(), f"It is tried again in 7.0 s; {HAND} does so at once."),
        (broken(retry_at=8.2), f"It is being started again; {HAND} starts it anew."),
        (
            broken(then="parked", retry_at=303.0),
            f"It is given up for now and tried again in 4 m 55 s; {HAND} does so at once.",
        ),
        (broken(then="parked", retry_at=math.inf), f"It is given up; {HAND} tries it again."),
        (
            broken(then="ends"),
            "Botkube ends because of it and is to be started anew (plugins.restartPolicy).",
        ),
        (
            broken(changed(OUTAGE, failures=4), at=6.0),
            f"It has failed 4 times in 3.0 s. It is tried again in 7.0 s; {HAND} does so at once.",
        ),
        (
            broken(changed(OUTAGE, failures=3, down=frozenset())),
            "It has failed 3 times in 0.0 s. It runs again, and is watched.",
        ),
    ],
)
def test_what_happens_next_is_said(message: Message, rest: str) -> None:
    assert message.base_body == Body(plaintext=f"{START} {rest}")


def test_its_last_lines_are_a_block_of_code_and_a_button_tries_again() -> None:
    block = Section(body=Body(code_block="out of memory\nbye"))
    button = Section(buttons=(Button(name="Try again now", command="{{BotName}} restart r/p"),))
    assert broken(lines=("out of memory", "bye")).sections == (block, button)
    assert broken().sections == (button,)
    assert broken(then="ends", lines=("out of memory", "bye")).sections == (block,)


def test_a_sentence_ends_once() -> None:
    assert ": it is gone. It is" in broken(reason="it is gone.").base_body.plaintext


def test_it_is_back() -> None:
    message = notice_message("r/p", Back(12.2), 99.0)
    assert message == Message(
        base_body=Body(plaintext=":white_check_mark: The `r/p` plugin is back after 12 s.")
    )
