"""Notifications against the fake workspace, on real sockets: one by one, many in one, and what failures cost."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from botkube.model.delivery import Delivered, Delivery, Outcome, Rejected, Retry
from botkube.model.errors import AuthError, PeerError
from botkube.model.message import Body, Message, Section, TextField
from tests.fakes.receiver import Answer, Call
from tests.fakes.slack.outbound import Outbound, delivery, sending

pytestmark = pytest.mark.real
LONG = "\n".join(f"line {n}" for n in range(700))


def events(number: int, first: int = 1) -> list[Delivery]:
    return [delivery(n, f"event {n} happened") for n in range(first, first + number)]


def methods(out: Outbound) -> list[str]:
    return [call.method for call in out.workspace.asked if call.method != "conversations.list"]


def everything(out: Outbound) -> str:
    """All that a human can read."""
    files = [content.decode() for content in out.workspace.files.values()]
    return "\n".join([*(post.shown for post in out.workspace.posts()), *files])


def missing(out: Outbound, numbers: Sequence[int]) -> list[int]:
    found = everything(out)
    return [n for n in numbers if f"event {n} happened" not in found]


async def test_a_few_are_told_one_by_one_and_the_ledger_says_where(tmp_path: Path) -> None:
    async with sending(tmp_path) as out:
        outcomes = await out.notifier("general").deliver(events(2))
    posts = out.workspace.posts("C1")
    assert [post.text for post in posts] == ["event 1 happened", "event 2 happened"]
    assert outcomes == [Delivered(ref=f"C1/{post.ts}") for post in posts]


async def test_ss_9_a_long_one_to_a_name_becomes_a_file_in_the_channel(tmp_path: Path) -> None:
    async with sending(tmp_path) as out:
        (outcome,) = await out.notifier("general").deliver([delivery(1, LONG)])
    assert isinstance(outcome, Delivered)
    assert methods(out) == ["files.getUploadURLExternal", "upload", "files.completeUploadExternal"]
    assert out.workspace.shared[0]["channel_id"] == "C1"
    assert LONG.encode() in next(iter(out.workspace.files.values()))


async def test_many_are_told_in_one_message_and_none_is_left_out(tmp_path: Path) -> None:
    async with sending(tmp_path) as out:
        window = events(60)
        outcomes = await out.notifier("general").deliver(window)
    posts = out.workspace.posts("C1")
    assert len(posts) == 2
    assert "59 more" in posts[1].text
    assert missing(out, range(1, 61)) == []
    assert out.workspace.files == {}, "the lines say it all"
    assert [item.ref for item in outcomes if isinstance(item, Delivered)] == [
        f"C1/{posts[0].ts}",
        *[f"C1/{posts[1].ts}"] * 59,
    ]


async def test_very_many_have_their_list_in_a_file_of_the_messages_thread(tmp_path: Path) -> None:
    async with sending(tmp_path) as out:
        outcomes = await out.notifier("general").deliver(events(1000))
    assert len(outcomes) == 1000
    assert missing(out, range(1, 1001)) == []
    digest = out.workspace.posts("C1")[1]
    assert "in the file `Notifications.txt` in the thread" in digest.text
    assert out.workspace.shared[0]["thread_ts"] == digest.ts


async def test_what_has_more_to_say_than_a_line_is_whole_in_the_file(tmp_path: Path) -> None:
    fields = tuple(TextField(key=f"k{n}", value="v" * 50) for n in range(9))
    message = Message(sections=(Section(header="Pod created", text_fields=fields),))
    async with sending(tmp_path) as out:
        await out.notifier("general").deliver([delivery(n, message) for n in range(10)])
    (content,) = out.workspace.files.values()
    assert content.decode().count("k8: " + "v" * 50) == 9
    assert "Pod created · k0" in out.workspace.posts()[1].text


async def test_a_digest_that_was_said_is_not_said_again_for_its_file(tmp_path: Path) -> None:
    async with sending(tmp_path) as out:
        notifier, window = out.notifier("general"), events(500)
        out.workspace.fault = lambda method, _: (
            Answer(status=503) if method.startswith("files.complete") else None
        )
        first = await notifier.deliver(window)
        assert len(first) == 1
        with pytest.raises(PeerError):
            await notifier.deliver(window[1:])
        out.workspace.fault = lambda _method, _call: None
        assert len(await notifier.deliver([*window[1:], *events(5, 501)])) == 499
    assert len([post for post in out.workspace.posts() if "499 more" in post.text]) == 1
    assert missing(out, range(1, 501)) == []


async def test_without_the_scope_for_files_the_list_goes_as_messages(tmp_path: Path) -> None:
    error = b'{"ok":false,"error":"missing_scope","needed":"files:write"}'
    async with sending(tmp_path, seconds=60) as out:
        out.workspace.fault = lambda method, _: (
            Answer(body=error) if method.startswith("files.") else None
        )
        outcomes = await out.notifier("general").deliver(events(200))
    assert len(outcomes) == 200
    assert missing(out, range(1, 201)) == []


async def outcome_of(out: Outbound, answer: Answer) -> Outcome:
    def fault(method: str, _call: Call) -> Answer | None:
        return answer if method == "chat.postMessage" else None

    out.workspace.fault = fault
    (outcome,) = await out.notifier("general").deliver(events(2))
    return outcome


async def test_a_channel_without_the_bot_waits_for_an_invitation(tmp_path: Path) -> None:
    async with sending(tmp_path) as out:
        out.workspace.members.discard("C1")
        (outcome,) = await out.notifier("general").deliver(events(2))
        assert isinstance(outcome, Retry)
        assert outcome.after == 60
        assert "/invite" in outcome.reason
        (unknown,) = await out.notifier("nowhere").deliver(events(2))
        assert isinstance(unknown, Retry)
        assert "no channel nowhere" in unknown.reason


async def test_a_limit_makes_it_wait_as_long_as_slack_wants(tmp_path: Path) -> None:
    async with sending(tmp_path) as out:
        outcome = await outcome_of(out, Answer(status=429, headers={"Retry-After": "40"}))
    assert isinstance(outcome, Retry)
    assert outcome.after == pytest.approx(40, abs=1)
    assert methods(out) == ["chat.postMessage"]


async def test_what_is_nobodys_fault_here_is_an_error(tmp_path: Path) -> None:
    async with sending(tmp_path) as out:
        with pytest.raises(PeerError, match="HTTP 503"):
            await outcome_of(out, Answer(status=503))
        with pytest.raises(AuthError, match="revoked"):
            await outcome_of(out, Answer(body=b'{"ok":false,"error":"token_revoked"}'))


async def test_what_is_sent_before_a_failure_is_not_sent_again(tmp_path: Path) -> None:
    answers = [None, Answer(status=503)]
    async with sending(tmp_path) as out:
        out.workspace.fault = lambda method, _: (
            answers.pop(0) if method == "chat.postMessage" else None
        )
        outcomes = await out.notifier("general").deliver(events(2))
    assert len(outcomes) == 1
    assert isinstance(outcomes[0], Delivered)


async def test_one_that_says_nothing_is_delivered_by_not_being_said(tmp_path: Path) -> None:
    async with sending(tmp_path) as out:
        outcomes = await out.notifier("general").deliver([delivery(1, Message())])
        more = await out.notifier("general").deliver([delivery(n, Message()) for n in range(50)])
    assert outcomes == [Delivered()]
    assert more == [Delivered()] * 50
    assert out.workspace.posts() == []


async def test_an_event_that_is_refused_as_blocks_goes_as_text(tmp_path: Path) -> None:
    error = b'{"ok":false,"error":"invalid_blocks"}'
    message = Message(sections=(Section(body=Body(plaintext="hello")),))
    async with sending(tmp_path) as out:
        out.workspace.fault = lambda method, call: (
            Answer(body=error) if method == "chat.postMessage" and b"blocks" in call.body else None
        )
        (outcome,) = await out.notifier("general").deliver([delivery(1, message)])
    assert isinstance(outcome, Delivered)
    assert [post.text for post in out.workspace.posts()] == ["hello"]


async def test_one_that_cannot_be_drawn_holds_up_no_other(tmp_path: Path) -> None:
    broken = msgspec.structs.replace(delivery(11, ""), message=None)
    window = [*events(10), broken, *events(50, 12)]
    async with sending(tmp_path) as out:
        notifier = out.notifier("general")
        first = await notifier.deliver(window)
        assert all(isinstance(item, Delivered) for item in first)
        assert 0 < len(first) < 10, "the others have another turn"
        outcomes = await notifier.deliver([broken, *events(2, 12)])
    assert [isinstance(item, Rejected) for item in outcomes] == [True, False, False]
    assert missing(out, range(12, 14)) == []


async def test_a_channel_that_is_made_anew_gets_what_was_begun_for_the_old_one(
    tmp_path: Path,
) -> None:
    async with sending(tmp_path) as out:
        out.workspace.fault = lambda method, call: (
            Answer(body=b'{"ok":false,"error":"is_archived"}')
            if method == "chat.postMessage" and b"channel=C1" in call.body
            else None
        )
        notifier = out.notifier("general")
        (first,) = await notifier.deliver(events(1))
        assert isinstance(first, Retry)
        out.directory.learn("C2", "general")
        (second,) = await notifier.deliver(events(1))
        assert isinstance(second, Delivered)
        assert second.ref.startswith("C2/")


async def test_a_channel_that_is_gone_is_looked_up_anew(tmp_path: Path) -> None:
    async with sending(tmp_path) as out:
        out.directory.learn("C9", "general")
        (outcome,) = await out.notifier("general").deliver(events(1))
        assert isinstance(outcome, Retry)
        assert await out.directory.id_of("general") == "C1"
