"""Replies against the fake workspace, on real sockets and a real store: what is said where, and what failures cost."""

from pathlib import Path

import msgspec
import pytest
import trio

from botkube.bots.slack.saying.asked import Asked
from botkube.model.command import Incoming, Outcome, Partial, Reply
from botkube.model.message import (
    Body,
    Button,
    LabelInput,
    Message,
    MessageType,
    Section,
    TextField,
)
from botkube.model.replies import code
from botkube.store import kept
from tests.fakes.receiver import Answer, Call
from tests.fakes.slack.outbound import PLATFORM, Outbound, replying, sending

pytestmark = pytest.mark.real
PONG = code("pong", "`ping` on `dev`")
OPEN = "SELECT count(*) FROM command WHERE open = 1"
OWED = "SELECT count(*) FROM reply"


def methods(out: Outbound) -> list[str]:
    return [call.method for call in out.workspace.asked]


async def done(out: Outbound, name: str) -> None:
    """Until a reaction was put or taken."""
    await out.slack.until(lambda: any(name in item for item in out.workspace.reacted))


async def test_ss_1_a_mention_is_answered_with_one_call_and_emojis_beside(tmp_path: Path) -> None:
    async with replying(tmp_path) as out:
        incoming = await out.accepted()
        out.replier.working(incoming)
        await done(out, "+eyes")
        assert await out.replier.finish(incoming, PONG)
        await done(out, "+white_check_mark")
        assert not await out.replier.finish(incoming, PONG), "it is closed"
    (post,) = out.workspace.posts()
    assert (post.channel, post.thread) == ("C1", "")
    assert "`ping` on `dev`" in post.text
    assert "```\npong\n```" in post.text
    assert [item.split()[0] for item in out.workspace.reacted] == [
        "+eyes",
        "-eyes",
        "+white_check_mark",
    ]
    assert methods(out).count("chat.postMessage") == 1
    assert len(methods(out)) == 4


async def test_the_journal_is_closed_and_nothing_is_owed(tmp_path: Path) -> None:
    async with replying(tmp_path) as out:
        await out.replier.finish(await out.accepted(), PONG)
        await out.replier.rested()
        assert await out.rows(OPEN) == await out.rows(OWED) == [(0,)]


@pytest.mark.parametrize(
    ("asked", "thread"),
    [(Asked(channel="C1", ts="5.5", thread="4.4"), "4.4"), (Asked(channel="C1", ts="5.5"), "")],
)
async def test_a_reply_goes_where_it_was_asked(tmp_path: Path, asked: Asked, thread: str) -> None:
    async with replying(tmp_path) as out:
        await out.replier.finish(await out.journalled(asked), PONG)
    assert [post.thread for post in out.workspace.posts()] == [thread]


async def test_a_message_may_want_a_thread(tmp_path: Path) -> None:
    message = Message(type=MessageType.THREAD, base_body=Body(plaintext="hi"))
    async with replying(tmp_path) as out:
        asked = Asked(channel="C1", ts="5.5")
        await out.replier.finish(await out.journalled(asked), Reply(message=message))
    assert [post.thread for post in out.workspace.posts()] == ["5.5"]


async def test_ss_8_a_long_answer_becomes_a_file_and_nothing_empty_is_said(tmp_path: Path) -> None:
    text = "\n".join(f"line {n}" for n in range(700))
    async with replying(tmp_path) as out:
        await out.replier.finish(await out.accepted("logs"), code(text, "`logs` on `dev`"))
    assert methods(out) == ["files.getUploadURLExternal", "upload", "files.completeUploadExternal"]
    (shared,) = out.workspace.shared
    assert str(shared["channel_id"]) == "C1"
    assert "`logs` on `dev`" in str(shared["initial_comment"])
    (content,) = out.workspace.files.values()
    assert text.encode() in content


async def test_a_file_that_is_refused_goes_as_messages(tmp_path: Path) -> None:
    text = "\n".join(f"line {n}" for n in range(700))

    def no_files(method: str, _call: Call) -> Answer | None:
        error = b'{"ok":false,"error":"missing_scope","needed":"files:write"}'
        return Answer(body=error) if method.startswith("files.") else None

    async with replying(tmp_path) as out:
        out.workspace.fault = no_files
        await out.replier.finish(await out.accepted("logs"), code(text))
    said = "\n".join(post.text for post in out.workspace.posts())
    assert [f"line {n}" in said for n in range(700)].count(False) == 0
    assert out.troubles == []


async def test_ss_10_a_limit_is_waited_for_in_its_channel_only(tmp_path: Path) -> None:
    limited = Answer(status=429, headers={"Retry-After": "2"}, body=b'{"error":"ratelimited"}')
    answers: list[Answer | None] = [limited]

    def once(method: str, call: Call) -> Answer | None:
        in_c1 = method == "chat.postMessage" and b"channel=C1" in call.body
        return answers.pop() if in_c1 and answers else None

    async with replying(tmp_path) as out, trio.open_nursery() as nursery:
        out.workspace.fault = once
        nursery.start_soon(out.replier.finish, await out.accepted(), PONG)
        await out.slack.until(lambda: methods(out).count("chat.postMessage") == 1)
        nursery.start_soon(out.replier.finish, await out.accepted("second"), code("second"))
        await out.replier.finish(await out.accepted(channel="C2"), PONG)
        assert methods(out).count("chat.postMessage") == 2, "it waits for no other channel"
    calls = out.workspace.calls("chat.postMessage")
    first, *rest = [call for call in calls if call.args["channel"] == "C1"]
    assert rest[0].args == first.args, "the same goes first"
    assert rest[0].at - first.at >= 2
    assert len(rest) == 2
    assert out.troubles == []


async def test_ss_16_wide_and_hostile_messages_keep_slacks_limits(tmp_path: Path) -> None:
    fields = tuple(TextField(key=f"k{n}", value=str(n)) for n in range(14))
    hostile = Section(body=Body(plaintext="<!channel> & %d"), text_fields=fields)
    message = Message(sections=(hostile, *(Section(header=f"s{n}") for n in range(60))))
    async with replying(tmp_path) as out:
        await out.replier.finish(await out.accepted(), Reply(message=message))
    posts = out.workspace.posts()
    assert len(posts) == 3
    shown = "\n".join(post.shown for post in posts)
    assert "&lt;!channel&gt; &amp; %d" in shown
    assert all(f"s{n}*" in shown for n in range(60))
    assert all(call.error == "" for call in out.workspace.asked)


async def test_ss_17_only_for_you_and_in_the_place_of(tmp_path: Path) -> None:
    private = Message(base_body=Body(plaintext="psst"), only_visible_for_you=True)
    replacing = Message(base_body=Body(plaintext="new"), replace_original=True)
    async with replying(tmp_path) as out:
        await out.replier.finish(await out.accepted(), Reply(message=private))
        await out.replier.finish(await out.accepted("x"), code("old"))
        old = out.workspace.posts()[-1]
        url = out.workspace.response_url("C1", old.ts, "U1")
        asked = Asked(channel="C1", user="U1", message=old.ts, response_url=url)
        await out.replier.finish(await out.journalled(asked), Reply(message=replacing))
        assert (old.text, old.edits) == ("new", 1)
        for _ in range(6):  # the URL works five times; then the message is edited
            asked = msgspec.structs.replace(asked, triggered_at=asked.triggered_at + 1)
            incoming = await out.journalled(asked, f"again {asked.triggered_at}")
            await out.replier.finish(incoming, Reply(message=replacing))
    assert [post.user for post in out.workspace.posts() if post.text == "psst"] == ["U1"]
    assert old.edits == 7
    assert methods(out).count("chat.update") == 2
    responses = out.workspace.calls("response_url")
    assert all(call.args["replace_original"] is True for call in responses)


def form() -> Reply:
    field = LabelInput(text="Name", command="{{BotName}} greet ")
    return Reply(header="A form", message=Message(type=MessageType.FORM, plaintext_inputs=(field,)))


async def test_ss_7_a_form_opens_for_a_click(tmp_path: Path) -> None:
    async with replying(tmp_path) as out:
        trigger, now = out.workspace.trigger(), out.ledger.wall()
        asked = Asked(channel="C1", user="U1", trigger_id=trigger, triggered_at=now)
        await out.replier.finish(await out.journalled(asked), form())
    ((opened, view),) = out.workspace.views
    assert opened == trigger
    assert view["private_metadata"] == "C1"
    assert out.workspace.posts() == []


@pytest.mark.parametrize("ago", [10.0, 0.0])
async def test_a_form_that_comes_too_late_is_a_message(tmp_path: Path, ago: float) -> None:
    async with replying(tmp_path) as out:
        now = out.ledger.wall()
        asked = Asked(channel="C1", user="U1", trigger_id="used", triggered_at=now - ago)
        await out.replier.finish(await out.journalled(asked), form())
    assert len(out.workspace.posts()) == 1
    assert methods(out).count("views.open") == (ago == 0.0)


async def test_refused_blocks_go_as_text_with_all_of_it_in_a_file(tmp_path: Path) -> None:
    def refuse(method: str, call: Call) -> Answer | None:
        blocks = method == "chat.postMessage" and b"blocks=" in call.body
        return Answer(body=b'{"ok":false,"error":"invalid_blocks"}') if blocks else None

    sections = tuple(Section(body=Body(plaintext=f"part {n} " + "x" * 200)) for n in range(24))
    async with replying(tmp_path) as out:
        out.workspace.fault = refuse
        await out.replier.finish(await out.accepted(), Reply(message=Message(sections=sections)))
    post = out.workspace.posts()[0]
    assert post.blocks == []
    (content,) = out.workspace.files.values()
    assert all(f"part {n} ".encode() in content for n in range(24))
    assert out.workspace.shared[0]["thread_ts"] == post.ts


async def test_a_running_command_is_shown_and_the_reply_takes_its_place(tmp_path: Path) -> None:
    async with replying(tmp_path) as out:
        incoming = await out.accepted("logs")
        for text in ("one", "two"):
            stop = Section(buttons=(Button(name="Stop", command="{{BotName}} cancel 1"),))
            message = Message(base_body=Body(code_block=text), sections=(stop,))
            await out.replier.progress(incoming, Partial(message=message))
            await out.slack.says(text)
        await out.replier.finish(incoming, code("three"))
    (post,) = out.workspace.posts()
    assert post.edits == 2
    assert "three" in post.text
    assert post.blocks == []


async def test_the_newest_progress_wins_and_the_last_one_is_shown(tmp_path: Path) -> None:
    async with replying(tmp_path) as out:
        incoming = await out.accepted("logs")
        for number in range(300):
            message = Message(base_body=Body(code_block=f"state {number}"))
            await out.replier.progress(incoming, Partial(message=message))
        await out.slack.says("state 299")
    assert len(out.workspace.calls("chat.postMessage", "chat.update")) <= 10  # of 300


async def test_a_progress_message_somebody_deleted_is_no_loss(tmp_path: Path) -> None:
    async with replying(tmp_path) as out:
        incoming = await out.accepted("logs")
        partial = Partial(message=Message(base_body=Body(code_block="one")))
        await out.replier.progress(incoming, partial)
        await out.slack.says("one")
        out.workspace.messages.clear()
        await out.replier.finish(incoming, code("three"))
    assert ["three" in post.text for post in out.workspace.posts()] == [True]


async def test_progress_that_cannot_be_drawn_holds_up_no_reply(tmp_path: Path) -> None:
    broken = msgspec.structs.replace(Message(), base_body=None)
    async with replying(tmp_path) as out:
        incoming = await out.accepted("logs")
        await out.replier.progress(incoming, Partial(message=broken))
        await out.replier.finish(await out.accepted(), PONG)
        await out.replier.finish(incoming, code("three"))
    assert len(out.workspace.posts()) == 2


async def cut_off(out: Outbound, incoming: Incoming) -> None:
    """A program that ends after it stored the reply and before it sent it."""
    async with trio.open_nursery() as nursery:
        nursery.start_soon(out.replier.finish, incoming, PONG)
        await out.owed(1)
        nursery.cancel_scope.cancel()


async def test_a_reply_that_was_stored_is_sent_by_the_next_start(tmp_path: Path) -> None:
    async with sending(tmp_path) as out:
        await cut_off(out, await out.accepted())
        assert await out.rows(OPEN) == [(0,)]
        assert out.workspace.posts() == []
        async with trio.open_nursery() as nursery:
            replier = out.new_replier()
            await nursery.start(replier.run)
            await replier.rested()
            nursery.cancel_scope.cancel()
        assert await out.rows(OWED) == [(0,)]
    assert ["pong" in post.text for post in out.workspace.posts()] == [True]


async def test_a_replier_that_is_started_again_says_nothing_twice(tmp_path: Path) -> None:
    async with sending(tmp_path) as out, trio.open_nursery() as nursery:
        nursery.start_soon(out.replier.finish, await out.accepted(), PONG)
        await out.owed(1)
        async with trio.open_nursery() as first:
            out.workspace.fault = lambda _method, _call: Answer(status=503)
            await first.start(out.replier.run)
            await out.troubled.wait()
            first.cancel_scope.cancel()
        out.workspace.fault = lambda _method, _call: None
        await nursery.start(out.replier.run)
        await out.replier.rested()
        await out.replier.finish(await out.accepted("last"), PONG)
        nursery.cancel_scope.cancel()
    assert len(out.workspace.posts()) == 2


async def test_a_command_that_was_cut_off_is_answered_in_the_place_of_what_showed_it(
    tmp_path: Path,
) -> None:
    async with sending(tmp_path) as out:
        incoming = await out.accepted("logs")
        async with trio.open_nursery() as nursery:
            await nursery.start(out.replier.run)
            partial = Partial(message=Message(base_body=Body(code_block="one")))
            await out.replier.progress(incoming, partial)
            await out.owed(1)
            nursery.cancel_scope.cancel()
        async with trio.open_nursery() as nursery:
            replier = out.new_replier()
            await nursery.start(replier.run)
            rows = await out.database.read(
                lambda connection: __import__(
                    "botkube.store.journal", fromlist=["x"]
                ).open_commands(connection, 10)
            )
            await replier.answer_interrupted(rows)
            await replier.answer_interrupted(rows)
            await replier.rested()
            nursery.cancel_scope.cancel()
    (post,) = out.workspace.posts()
    assert "interrupted by a restart" in post.shown
    assert post.edits == 1


async def test_slack_away_costs_time_and_nothing_else(tmp_path: Path) -> None:
    async with replying(tmp_path) as out:
        await out.slack.shut()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(out.replier.finish, await out.accepted("one"), code("one"))
            nursery.start_soon(out.replier.finish, await out.accepted("two"), code("two"))
            await out.troubled.wait()
            await out.slack.open()
    assert ["one" in post.text for post in out.workspace.posts()] == [True, False]
    assert "cannot be reached" in out.troubles[0][0]
    assert out.troubles[-1][0] == ""


async def test_the_end_waits_for_nothing_that_has_to_be_tried_later(tmp_path: Path) -> None:
    async with sending(tmp_path) as out, trio.open_nursery() as nursery:
        await out.slack.shut()
        nursery.start_soon(out.replier.finish, await out.accepted(), PONG)
        await out.owed(1)
        await out.replier.rested()  # nobody sends
        await nursery.start(out.replier.run)
        await out.replier.rested()
        assert out.troubles
        nursery.cancel_scope.cancel()


async def test_a_reply_nobody_can_get_is_a_dead_letter_with_its_reason(tmp_path: Path) -> None:
    async with replying(tmp_path) as out:
        out.workspace.members.discard("C1")
        await out.replier.finish(await out.accepted(), PONG)
        await out.replier.finish(await out.accepted(channel="C2"), PONG)
        ((reason,),) = await out.rows("SELECT reason FROM reply")
    assert "invite it there with /invite" in str(reason)
    assert [post.channel for post in out.workspace.posts()] == ["C2"]


async def test_a_refused_token_is_the_platforms_state(tmp_path: Path) -> None:
    async with replying(tmp_path) as out, trio.open_nursery() as nursery:
        out.workspace.auth_error = "token_revoked"
        nursery.start_soon(out.replier.finish, await out.accepted(), PONG)
        await out.troubled.wait()
        nursery.cancel_scope.cancel()
    ((sentence, state),) = out.troubles
    assert "revoked" in sentence
    assert state == "auth-failed"


async def test_what_elements_stand_for_is_stored_before_they_are_seen(tmp_path: Path) -> None:
    command = "{{BotName}} " + "x" * 3000
    button = Section(buttons=(Button(name="Go", command=command),))
    async with replying(tmp_path) as out:
        await out.replier.finish(await out.accepted(), Reply(message=Message(sections=(button,))))
        (post,) = out.workspace.posts()
        elements = post.blocks[-1]["elements"]
        assert isinstance(elements, list)
        key = str(elements[0]["value"])
        found = await out.database.read(lambda connection: kept.find(connection, [key]))
    assert found[key].endswith("x" * 3000)


async def test_a_silent_reply_of_another_cluster_leaves_nothing(tmp_path: Path) -> None:
    async with replying(tmp_path) as out:
        incoming = await out.accepted()
        out.replier.working(incoming)
        await done(out, "+eyes")
        await out.replier.finish(incoming, Reply(silent=True, outcome=Outcome.REFUSED))
        await done(out, "-eyes")
    assert out.workspace.posts() == []
    assert out.workspace.reactions == {("C1", incoming.id.split("-")[1]): []}


async def test_an_announcement_is_said_by_the_channels_name(tmp_path: Path) -> None:
    async with replying(tmp_path) as out:
        await out.replier.announce("ops", Message(base_body=Body(plaintext="hello")))
        await out.slack.posted(1)
    assert [post.channel for post in out.workspace.posts()] == ["C3"]
    assert PLATFORM not in out.workspace.posts()[0].text
