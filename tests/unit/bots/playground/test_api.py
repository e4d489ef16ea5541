"""What the API does and what it refuses, by status."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import pytest
import trio
import trio.testing

from botkube.bots.playground.api import HISTORY, Refused, number, send_events
from botkube.bots.playground.feed import Item
from botkube.model.command import Origin
from botkube.model.frame import Frame, NewFrame
from botkube.store import frames
from tests.fakes.playground import Yard, playground_in

pytestmark = pytest.mark.real

BUTTONS = {
    "sections": [
        {
            "buttons": [{"name": "Ping", "command": "@Botkube ping"}],
            "plaintextInputs": [{"command": "@Botkube echo --filter="}],
        }
    ]
}


async def post(yard: Yard, channel: str = "general", **body: object) -> Frame:
    return await yard.api.post_message(channel, json.dumps(body).encode())


async def interact(yard: Yard, **body: object) -> Frame:
    return await yard.api.interact(json.dumps(body).encode())


async def put(yard: Yard, kind: str = "message", to: str = "", message: str = "m1") -> Frame:
    """A message with a button and an input, in a thread of `other`."""
    new = NewFrame(
        type=kind,  # type: ignore[arg-type]  # one of the types
        channel="other",
        id=message,
        at=1.0,
        body=json.dumps(BUTTONS).encode(),
        thread="t1",
        to=to,
    )
    return await yard.database.do(lambda c: frames.insert(c, new), yard.feed.publish)


async def refusal(call: Callable[[], Awaitable[object]]) -> tuple[int, str]:
    with pytest.raises(Refused) as caught:
        await call()
    return caught.value.status, str(caught.value)


async def test_channels_are_listed_with_their_threads(tmp_path: Path) -> None:
    async with playground_in(tmp_path) as yard:
        yard.muted.add("default-playground:other")
        await post(yard, user="ann", text="a", thread="t1")
        await post(yard, user="ann", text="b", thread="t2")
        assert await yard.api.list_channels() == [
            {"name": "general", "threads": ["t2", "t1"], "muted": False},
            {"name": "other", "threads": [], "muted": True},
        ]


async def test_a_message_is_posted(tmp_path: Path) -> None:
    async with playground_in(tmp_path) as yard:
        frame = await post(
            yard, "other", user="Ann B.", text="hi", thread=None, client_id=None, future="field"
        )
        assert (frame.author, frame.channel, frame.thread) == ("Ann B.", "other", "")


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b'{"user":"a","text":"\xff"}', "not JSON"),
        (b"[]", "does not fit"),
        (b"{}", "does not fit"),
        (b'{"user":"a"}', "does not fit"),
        (b'{"user":"a","text":5}', "does not fit"),
        (b'{"user":null,"text":"x"}', "does not fit"),
        (b'{"user":"a","text":"\\ud800"}', "not JSON"),
        (b'{"user":"a","text":"x","z":' + b"[" * 100_000, "not JSON"),
    ],
)
async def test_bad_messages(tmp_path: Path, body: bytes, text: str) -> None:
    async with playground_in(tmp_path) as yard:
        status, said = await refusal(lambda: yard.api.post_message("general", body))
        assert (status, text in said) == (400, True), said
        assert await yard.stored() == []


@pytest.mark.parametrize(
    "name", ["", " ann", "@ann", "Botkube", "botkube", "a" * 65, "a\nb", "a\x00", "\t"]
)
async def test_bad_names(tmp_path: Path, name: str) -> None:
    async with playground_in(tmp_path) as yard:
        status, said = await refusal(lambda: post(yard, user=name, text="x"))
        assert (status, "is not a name" in said) == (400, True)


@pytest.mark.parametrize("name", ["a", "Ann B.", "ü", "a" * 64, "日本"])
async def test_good_names(tmp_path: Path, name: str) -> None:
    async with playground_in(tmp_path) as yard:
        assert (await post(yard, user=name, text="x")).author == name


@pytest.mark.parametrize("name", ["nowhere", "", "General", "../general"])
async def test_an_unknown_channel(tmp_path: Path, name: str) -> None:
    async with playground_in(tmp_path) as yard:
        status, said = await refusal(lambda: post(yard, name, user="ann", text="x"))
        assert status == 404
        assert said == f"there is no channel {name!r}: it has general, other"
        assert (await refusal(lambda: yard.api.history(name, {})))[0] == 404


async def test_when_nothing_can_be_stored_it_is_503(tmp_path: Path) -> None:
    async with playground_in(tmp_path) as yard:
        pass
    status, said = await refusal(lambda: post(yard, user="ann", text="@Botkube ping"))
    assert (status, said) == (
        503,
        "not accepted, nothing was run: the state database is closed",
    )


async def test_a_click_runs_what_the_stored_message_says(tmp_path: Path) -> None:
    async with playground_in(tmp_path) as yard:
        await put(yard)
        frame = await interact(
            yard,
            user="ann",
            message="m1",
            element="/sections/0/buttons/0",
            kind="button",
            value="@Botkube rm",
            state={"b": {"@Botkube a": "v"}},
        )
        assert (frame.author, frame.channel, frame.thread) == ("ann", "other", "t1")
        (incoming,) = yard.accepted()
        assert (incoming.text, incoming.origin, incoming.message) == ("ping", Origin.BUTTON, "m1")
        assert msgspec.json.decode(incoming.state)["values"]["b"].keys() == {"@Botkube a"}


async def test_the_same_click_twice_is_one_command(tmp_path: Path) -> None:
    async with playground_in(tmp_path) as yard:
        await put(yard)
        click = {"element": "/sections/0/buttons/0", "kind": "button", "client_id": "c1"}
        first = await interact(yard, user="ann", message="m1", **click)
        assert await interact(yard, user="ann", message="m1", **click) == first
        assert len(yard.accepted()) == 1


async def test_an_input_is_quoted_into_its_command(tmp_path: Path) -> None:
    async with playground_in(tmp_path) as yard:
        await put(yard)
        await interact(
            yard,
            user="ann",
            message="m1",
            element="/sections/0/plaintextInputs/0",
            kind="input",
            text="x y",
            state=None,
            client_id=None,
        )
        (incoming,) = yard.accepted()
        assert (incoming.text, incoming.origin) == ('echo --filter="x y"', Origin.INPUT)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"message": "unknown"}, 404),
        ({"element": "/sections/0/buttons/7"}, 404),
        ({"element": "/__class__"}, 404),
        ({"kind": "select"}, 404),
        ({"kind": "hack"}, 400),
        ({"user": ""}, 400),
        ({"user": None}, 400),
        ({"state": {"b": "v"}}, 400),
        ({"values": "abc"}, 400),
    ],
)
async def test_bad_interactions(tmp_path: Path, change: dict[str, object], status: int) -> None:
    good = {"user": "ann", "message": "m1", "element": "/sections/0/buttons/0", "kind": "button"}
    async with playground_in(tmp_path) as yard:
        await put(yard)
        assert (await refusal(lambda: interact(yard, **good | change)))[0] == status
        assert yard.accepted() == []


@pytest.mark.parametrize(
    ("kind", "to", "status"),
    [
        ("ephemeral", "bob", 404),
        ("update", "bob", 404),
        ("delete", "", 404),
        ("ephemeral", "ann", 201),
    ],
)
async def test_only_what_a_user_can_see_can_be_clicked(
    tmp_path: Path, kind: str, to: str, status: int
) -> None:
    async with playground_in(tmp_path) as yard:
        await put(yard)
        await put(yard, kind, to)
        call = {"user": "ann", "message": "m1", "element": "/sections/0/buttons/0"}
        if status == 404:
            assert (await refusal(lambda: interact(yard, kind="button", **call)))[0] == 404
        else:
            await interact(yard, kind="button", **call)


async def test_history_goes_back_page_by_page(tmp_path: Path) -> None:
    async with playground_in(tmp_path) as yard:
        posted = [await post(yard, user="ann", text=f"text {n}") for n in range(7)]
        await post(yard, "other", user="ann", text="elsewhere")

        async def page(**query: str) -> list[int]:
            found = msgspec.json.decode(await yard.api.history("general", query))
            return [frame["seq"] for frame in found]

        seqs = [frame.seq for frame in posted]
        assert await page() == seqs
        assert await page(limit="2") == seqs[-2:]
        assert await page(limit="2", before=str(seqs[3])) == seqs[1:3]
        assert await page(query="TEXT 5") == [seqs[5]]
        assert await page(query="nothing") == []
        assert await page(limit=str(HISTORY * 10)) == seqs


@pytest.mark.parametrize("text", ["-1", "x", "", "1.5", " 1", "1" * 20, "+1", "0x1"])
async def test_numbers_that_are_none(tmp_path: Path, text: str) -> None:
    with pytest.raises(Refused) as caught:
        number({"limit": text}, "limit")
    assert caught.value.status == 400
    async with playground_in(tmp_path) as yard:
        assert (await refusal(lambda: yard.api.history("general", {"before": text})))[0] == 400
        with pytest.raises(Refused):
            yard.api.cursor(text)


async def test_a_cursor_starts_where_it_is_told(tmp_path: Path) -> None:
    async with playground_in(tmp_path) as yard:
        posted = [await post(yard, user="ann", text=str(n)) for n in range(3)]

        async def following(after: str | None) -> list[int]:
            cursor = yard.api.cursor(after)
            live = await post(yard, user="ann", text="live")
            seqs: list[int] = []
            while live.seq not in seqs:
                seqs += [item.seq for item in await cursor.next()]
            return seqs

        assert (await following(str(posted[0].seq)))[:2] == [posted[1].seq, posted[2].seq]
        assert len(await following(None)) == 1
        assert len(await following(str(yard.feed.newest_seq + 10**6))) == 1  # of another life


class FewItems:
    """A cursor with two items, and then nothing."""

    def __init__(self) -> None:
        self.left = [[Item(7, b"{7}", stored=True), Item(7, b"{t}", stored=False)]]

    async def next(self) -> list[Item]:
        await trio.lowlevel.checkpoint()
        if not self.left:
            await trio.sleep_forever()
        return self.left.pop()


async def test_server_sent_events_have_ids_and_comments(
    autojump_clock: trio.testing.MockClock,
) -> None:
    sent: list[bytes] = []

    async def send(data: bytes) -> None:
        await trio.lowlevel.checkpoint()
        sent.append(data)

    with trio.move_on_after(31):
        await send_events(FewItems(), send)  # type: ignore[arg-type]  # all that it uses
    assert sent == [
        b": connected\n\n",
        b"id: 7\ndata: {7}\n\nid: 7\ndata: {t}\n\n",
        b": still here\n\n",
        b": still here\n\n",
    ]
