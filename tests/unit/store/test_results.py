"""Kept results: the newest of each command, bounded per channel."""

from pathlib import Path

import pytest

from botkube.model.command import Address, Kept
from botkube.model.message import Body, Message, encode_message
from botkube.model.routes import Channel
from botkube.store.results import KEPT, LONGEST, KeptResults, keep
from tests.fakes.store import opened, tables

ADDRESS = Address(platform="p", channel="general", thread="any")
CHANNEL = Channel(
    address=ADDRESS,
    target="p:general",
    name="general",
    bot="@Botkube",
    interactive=True,
    muted=False,
    executors=(),
    sources=(),
)


def message(text: str) -> Message:
    return Message(base_body=Body(code_block=text))


def kept(command: str, text: str) -> Kept:
    return Kept(command=command, message=encode_message(message(text)))


def test_a_channel_keeps_so_many_and_no_more() -> None:
    connection = tables()
    for number in range(KEPT + 7):
        keep(connection, "p:a", kept(f"c{number}", "x"), 1.0)
        keep(connection, "p:b", kept("always the same", "x"), 1.0)
    rows = connection.execute("SELECT channel, count(*) FROM result GROUP BY channel").fetchall()
    assert rows == [("p:a", KEPT), ("p:b", KEPT)]
    oldest = "SELECT command FROM result WHERE channel = 'p:a' ORDER BY id LIMIT 1"
    assert connection.execute(oldest).fetchone() == ("c7",)


def test_a_huge_result_is_not_kept() -> None:
    connection = tables()
    keep(connection, "p:a", Kept(command="c", message=b"x" * (LONGEST + 1)), 1.0)
    assert connection.execute("SELECT count(*) FROM result").fetchone() == (0,)


@pytest.mark.real
async def test_the_newest_result_of_this_very_command_is_found(tmp_path: Path) -> None:
    async with opened(tmp_path) as database:
        for text in ("old", "new"):
            await database.do(lambda c, t=text: keep(c, ADDRESS.key, kept("get po", t), 1.0))  # type: ignore[misc]  # t is bound now
        results = KeptResults(database)
        assert await results.newest(CHANNEL, "get po") == message("new")
        assert await results.newest(CHANNEL, "get po -A") is None
