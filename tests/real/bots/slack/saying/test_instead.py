"""What is done in the stead of what Slack refuses is tried again from where it failed: nothing is said twice."""

from collections.abc import Callable
from pathlib import Path

import pytest

from botkube.bots.slack.calling.paced import PacedApi
from botkube.bots.slack.calling.rates import Rates
from botkube.model.command import Partial, Reply
from botkube.model.delivery import Delivered
from botkube.model.errors import PeerError
from botkube.model.message import Body, Message, Section
from tests.fakes.receiver import Answer, Call
from tests.fakes.slack.outbound import Outbound, delivery, replying, sending

pytestmark = pytest.mark.real
PARTS = 24
SECTIONS = tuple(Section(body=Body(plaintext=f"part {n} " + "x" * 200)) for n in range(PARTS))
WHOLE = Message(sections=SECTIONS)
LONG = "\n".join(f"line {n}." for n in range(1500))
BLOCKS = Answer(body=b'{"ok":false,"error":"invalid_blocks"}')
NO_SCOPE = Answer(body=b'{"ok":false,"error":"missing_scope","needed":"files:write"}')
AWAY = Answer(status=503)

Fault = Callable[[str, Call], Answer | None]


def no_blocks(failing: str) -> Fault:
    """Refuses blocks, and fails once at a method."""
    left = [AWAY]

    def fault(method: str, call: Call) -> Answer | None:
        given = method.startswith("chat.") and b"blocks=" in call.body
        if given and b"blocks=%5B%5D" not in call.body:
            return BLOCKS
        return left.pop() if method == failing and left else None

    return fault


def no_files(number: int) -> Fault:
    """Refuses files, and fails at a message."""
    answers = [None] * number + [AWAY]

    def fault(method: str, _: Call) -> Answer | None:
        if method.startswith("files."):
            return NO_SCOPE
        return answers.pop(0) if method == "chat.postMessage" and answers else None

    return fault


async def delivered(out: Outbound, what: Message | str) -> None:
    """A notification that is tried again once."""
    notifier, window = out.notifier("general"), [delivery(1, what)]
    with pytest.raises(PeerError, match="HTTP 503"):
        await notifier.deliver(window)
    (outcome,) = await notifier.deliver(window)
    assert isinstance(outcome, Delivered)
    assert outcome.ref == f"C1/{out.workspace.posts()[0].ts}"


def said_once(out: Outbound) -> None:
    """The text once, and all of it in one file below it."""
    post, file = out.workspace.posts()
    assert (post.blocks, post.file) == ([], "")
    assert all(f"part {n} " in file.file for n in range(PARTS))
    (shared,) = out.workspace.shared
    assert (shared["channel_id"], shared["thread_ts"]) == ("C1", post.ts)


async def test_the_text_is_not_said_again_for_a_file_that_failed(tmp_path: Path) -> None:
    async with sending(tmp_path) as out:
        out.workspace.fault = no_blocks("files.completeUploadExternal")
        await delivered(out, WHOLE)
    said_once(out)


@pytest.mark.parametrize("failing", ["files.getUploadURLExternal", "files.completeUploadExternal"])
async def test_nor_is_that_of_a_reply(tmp_path: Path, failing: str) -> None:
    async with replying(tmp_path) as out:
        out.workspace.fault = no_blocks(failing)
        await out.replier.finish(await out.accepted(), Reply(message=WHOLE))
        assert await out.rows("SELECT count(*) FROM reply") == [(0,)]
    said_once(out)


@pytest.mark.parametrize("number", [0, 1, 2])
async def test_a_file_that_goes_as_messages_goes_on_where_it_was(
    tmp_path: Path, number: int
) -> None:
    async with sending(tmp_path) as out:
        out.paced = PacedApi(out.paced._web, Rates(lambda _method: None))  # nothing waits
        out.workspace.fault = no_files(number)
        await delivered(out, LONG)
    posts = out.workspace.posts()
    assert len(posts) > 2
    told = [line for post in posts for line in post.text.splitlines() if line.startswith("line ")]
    assert told == LONG.splitlines()


async def test_what_cannot_be_shown_in_the_place_of_another_is_in_a_file_too(
    tmp_path: Path,
) -> None:
    async with replying(tmp_path) as out:
        incoming = await out.accepted("logs")
        partial = Partial(message=Message(base_body=Body(code_block="one")))
        await out.replier.progress(incoming, partial)
        await out.slack.says("one")
        out.workspace.fault = no_blocks("files.getUploadURLExternal")
        await out.replier.finish(incoming, Reply(message=WHOLE))
    assert out.workspace.posts()[0].edits == 1
    said_once(out)
