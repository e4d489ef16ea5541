"""Messages in, replies out: each thing once on disk, once in the stream, once with the workers."""

from pathlib import Path

import pytest
import trio
from msgspec.structs import replace

from botkube.model.command import Incoming, Kept, Origin, Outcome, Reply
from botkube.model.errors import StorageError
from botkube.model.message import Body, Message, MessageType
from botkube.model.replies import BUSY, code
from botkube.store import journal, results
from tests.fakes.cancelling import cancelled_at
from tests.fakes.playground import CHANNEL, Yard, body_of, playground_in

pytestmark = pytest.mark.real


async def accept(yard: Yard, text: str = "@Botkube echo hi", thread: str = "") -> Incoming:
    await yard.say(text, thread=thread)
    (incoming,) = yard.accepted()
    return incoming


async def open_ids(yard: Yard) -> list[str]:
    found = await yard.database.read(lambda c: journal.open_commands(c, 100))
    return [item.id for item in found]


async def test_chatter_is_stored_and_shown_and_nothing_runs(tmp_path: Path) -> None:
    async with playground_in(tmp_path) as yard:
        frame = await yard.say("hello all", thread="t1")
        assert (frame.type, frame.channel, frame.thread, frame.author) == (
            "message",
            "general",
            "t1",
            "ann",
        )
        assert body_of(frame) == {"baseBody": {"plaintext": "hello all"}}
        assert await yard.stored() == yard.published() == [frame]
        assert yard.accepted() == []
        assert await open_ids(yard) == []


async def test_a_command_is_journalled_with_its_frame_and_handed_over(tmp_path: Path) -> None:
    async with playground_in(tmp_path) as yard:
        frame = await yard.say("@botkube  echo hi ", thread="t1")
        (incoming,) = yard.accepted()
        assert incoming.id == frame.id
        assert incoming.text == "echo hi"
        assert (incoming.user.name, incoming.user.mention) == ("ann", "@ann")
        assert incoming.address == replace(CHANNEL.address, thread="t1")
        assert incoming.origin is Origin.TYPED
        assert await open_ids(yard) == [frame.id]


async def test_the_same_client_id_is_one_message(tmp_path: Path) -> None:
    async with playground_in(tmp_path) as yard:
        first = await yard.say("@Botkube ping", client_id="c1")
        again = await yard.say("@Botkube ping", client_id="c1")
        chatter = await yard.say("hello", client_id="c2")
        assert again == first
        assert await yard.say("hello", client_id="c2") == chatter
        assert yard.published() == [first, chatter]
        assert [item.id for item in yard.accepted()] == [first.id]
        assert yard.inbox._free == 10, "a place was lost"


async def test_the_same_client_id_many_times_at_once_is_one_command(tmp_path: Path) -> None:
    seqs: set[int] = set()

    async def say(yard: Yard) -> None:
        seqs.add((await yard.say("@Botkube ping", client_id="c1")).seq)

    async with playground_in(tmp_path, capacity=30) as yard:
        async with trio.open_nursery() as nursery:
            for _ in range(25):
                nursery.start_soon(say, yard)
        assert len(seqs) == 1
        assert len(yard.accepted()) == 1
        assert yard.inbox._free == 30


async def test_when_no_worker_has_room_the_user_is_told(tmp_path: Path) -> None:
    async with playground_in(tmp_path, capacity=1) as yard:
        await yard.say("@Botkube one")
        asked = await yard.say("@Botkube two", thread="t9", client_id="c2")
        refusal = (await yard.stored())[-1]
        assert (refusal.author, refusal.thread) == ("Botkube", "t9")
        assert body_of(refusal)["baseBody"] == {"plaintext": BUSY}
        assert body_of(refusal)["outcome"] == "refused"
        assert body_of(refusal)["reply_to"] == asked.id
        assert yard.published() == await yard.stored()
        assert len(await open_ids(yard)) == 1
        assert await yard.say("@Botkube two", client_id="c2") == asked
        assert len(await yard.stored()) == 3, "refused twice"


async def test_five_thousand_at_once_are_each_accepted_or_refused(tmp_path: Path) -> None:
    async with playground_in(tmp_path, capacity=1000) as yard:
        async with trio.open_nursery() as nursery:
            for number in range(5000):
                nursery.start_soon(yard.say, f"@Botkube echo {number}")
        accepted = yard.accepted()
        refused = yard.metrics.registry.get_sample_value(
            "botkube_commands_total", {"command": "other", "outcome": "refused"}
        )
        assert len({item.text for item in accepted}) == 1000
        assert refused == 4000
        assert len(await open_ids(yard)) == 100  # as many as were asked for
    assert yard.feed.position == 5000 + 4000


@pytest.mark.parametrize("checkpoint", range(1, 5))
async def test_wherever_saying_is_cancelled_it_happened_whole_or_not_at_all(
    tmp_path: Path, checkpoint: int
) -> None:
    async with playground_in(tmp_path) as yard:
        await cancelled_at(checkpoint, lambda: yard.say("@Botkube ping"))
        await yard.database.do(lambda _: None)
        stored = await yard.stored()
        assert [item.id for item in yard.accepted()] == [item.id for item in stored]
        assert await open_ids(yard) == [item.id for item in stored]
        assert yard.published() == stored
        assert yard.inbox._free == 10


async def test_when_the_disk_is_full_nothing_is_accepted(tmp_path: Path) -> None:
    async with playground_in(tmp_path, max_bytes=1) as yard:
        accepted: list[Incoming] = []

        async def fill() -> None:
            while True:
                await yard.say("@Botkube " + "x" * 5000)
                accepted.extend(yard.accepted())

        with pytest.raises(StorageError, match="disk is full"):
            await fill()
        assert len(await open_ids(yard)) == len(await yard.stored()) == len(accepted)
        assert yard.accepted() == []
        assert yard.inbox._free == 10


async def test_working_is_seen_now_and_not_stored(tmp_path: Path) -> None:
    async with playground_in(tmp_path) as yard:
        incoming = await accept(yard)
        yard.playground.working(incoming)
        typing = yard.published()[-1]
        assert (typing.type, typing.seq) == ("typing", yard.feed.newest_seq)
        assert body_of(typing) == {"reply_to": incoming.id}
        assert len(await yard.stored()) == 1


async def test_a_command_gets_one_final_reply(tmp_path: Path) -> None:
    async with playground_in(tmp_path) as yard:
        incoming = await accept(yard, thread="t1")
        kept = Kept(command="echo hi", message=b"{}")
        reply = replace(code("hi", "`echo hi` on `dev`"), kept=kept)
        assert await yard.playground.finish(incoming, reply)
        assert not await yard.playground.finish(incoming, code("again"))
        assert not await yard.playground.finish(replace(incoming, id="unknown"), code("x"))
        frame = yard.published()[-1]
        assert await yard.stored() == yard.published()
        assert (frame.author, frame.channel, frame.thread) == ("Botkube", "general", "t1")
        assert body_of(frame)["reply_to"] == incoming.id
        assert body_of(frame)["outcome"] == "ok"
        assert await open_ids(yard) == []
        found = await yard.database.read(
            lambda c: results._newest(c, CHANNEL.address.key, "echo hi")
        )
        assert found == b"{}"


@pytest.mark.parametrize("checkpoint", range(1, 4))
async def test_a_cancelled_reply_and_its_apology_are_one(tmp_path: Path, checkpoint: int) -> None:
    async with playground_in(tmp_path) as yard:
        incoming = await accept(yard)
        await cancelled_at(checkpoint, lambda: yard.playground.finish(incoming, code("late")))
        await yard.playground.finish(incoming, code("interrupted"))
        assert len(await yard.stored()) == 2
        assert yard.published() == await yard.stored()


def shown(message: Message, *, clicked: str = "", **more: object) -> tuple[Incoming, Reply]:
    incoming = Incoming(
        id="c",
        text="x",
        user=replace(_USER, name="ann"),
        address=CHANNEL.address,
        message=clicked,
    )
    return incoming, replace(Reply(message=message), **more)


_USER = Incoming.__annotations__["user"](name="ann", mention="@ann")
TEXT = Body(plaintext="x")


@pytest.mark.parametrize(
    ("given", "kind", "to", "message_id", "thread"),
    [
        (shown(Message(base_body=TEXT)), "message", "", None, ""),
        (shown(Message(base_body=TEXT), clicked="m1"), "message", "", None, ""),
        (shown(Message(), silent=True), "state", "", None, ""),
        (shown(Message(base_body=TEXT, only_visible_for_you=True)), "ephemeral", "ann", None, ""),
        (shown(Message(type=MessageType.FORM)), "ephemeral", "ann", None, ""),
        (shown(Message(replace_original=True), clicked="m1"), "update", "", "m1", ""),
        (shown(Message(replace_original=True)), "message", "", None, ""),
        (
            shown(Message(replace_original=True, only_visible_for_you=True), clicked="m1"),
            "update",
            "ann",
            "m1",
            "",
        ),
        (shown(Message(type=MessageType.THREAD)), "message", "", None, "c"),
        (shown(Message(type=MessageType.THREAD), clicked="m1"), "message", "", None, "m1"),
    ],
)
async def test_the_kinds_of_replies(
    tmp_path: Path,
    given: tuple[Incoming, Reply],
    kind: str,
    to: str,
    message_id: str | None,
    thread: str,
) -> None:
    incoming, reply = given
    async with playground_in(tmp_path) as yard:
        await yard.database.do(lambda c: journal.accept(c, incoming, 1.0))
        assert await yard.playground.finish(incoming, reply)
        (frame,) = yard.published()
    assert (frame.type, frame.to, frame.thread) == (kind, to, thread)
    assert message_id is None or frame.id == message_id
    assert body_of(frame)["reply_to"] == "c"


async def test_what_a_stop_cut_off_is_answered_once_at_the_next_start(tmp_path: Path) -> None:
    async with playground_in(tmp_path) as yard:
        await yard.say("@Botkube echo  {0} 100%", thread="t1")
        await yard.say("@Botkube echo two")
    async with playground_in(tmp_path) as yard:
        left = await yard.playground.left_open()
        assert len(left) == 2
        for rows in (left, left):  # tried again, say, as the disk was full
            await yard.playground.answer_interrupted(rows)
        assert await yard.playground.left_open() == []
        first, second = yard.published()
        assert first.thread == "t1"
        body = body_of(first)
        assert body["outcome"] == "cancelled"
        assert body["baseBody"] == {
            "plaintext": "`echo {0} 100%` was interrupted by a restart. Run it again?"
        }
        assert "@Botkube echo  {0} 100%" in str(body["sections"])
        assert body_of(second)["reply_to"] != body["reply_to"]


async def test_an_announcement_is_a_message_of_the_bot(tmp_path: Path) -> None:
    async with playground_in(tmp_path) as yard:
        text = "back again, says {{BotName}}"
        await yard.playground.announce("general", Message(base_body=Body(plaintext=text)))
        (frame,) = yard.published()
        assert (frame.type, frame.author, frame.channel) == ("message", "Botkube", "general")
        assert body_of(frame)["baseBody"] == {"plaintext": "back again, says @Botkube"}


def test_outcomes_are_words_of_the_interface() -> None:
    assert [outcome.value for outcome in Outcome] == [
        "ok",
        "failed",
        "refused",
        "timeout",
        "cancelled",
    ]
