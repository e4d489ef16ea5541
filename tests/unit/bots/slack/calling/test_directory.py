"""Channels by name and by id: asked for once, and again when it may have changed."""

import trio
from trio.testing import MockClock

from botkube.bots.slack.calling import directory
from botkube.bots.slack.calling.api import Call
from botkube.bots.slack.calling.directory import LIFE, PATIENCE, SOONEST, Directory
from botkube.bots.slack.calling.outcome import Later, NoChannel, Ok, Outcome
from botkube.bots.slack.calling.paced import PacedApi
from botkube.bots.slack.calling.rates import Rates


class Web:
    """A workspace of two pages."""

    def __init__(self) -> None:
        self.pages = [{"C1": "general", "C2": "ops"}, {"C3": "last"}]
        self.calls: list[str] = []
        self.answer: Outcome | None = None

    async def call(self, call: Call) -> Outcome:
        await trio.lowlevel.checkpoint()
        self.calls.append(call.method)
        if self.answer is not None:
            return self.answer
        if call.method == "conversations.info":
            name = {**self.pages[0], **self.pages[1]}[call.channel]
            return Ok(data={"channel": {"id": call.channel, "name": name}})
        second = b"cursor=more" in call.body
        found = [{"id": id_, "name": name} for id_, name in self.pages[second].items()]
        cursor = "" if second else "more"
        return Ok(data={"channels": found, "response_metadata": {"next_cursor": cursor}})


def made() -> tuple[Web, Directory]:
    web = Web()
    return web, Directory(PacedApi(web, Rates()))


async def test_a_name_is_found_on_any_page_and_asked_for_once(autojump_clock: MockClock) -> None:
    web, found = made()
    async with trio.open_nursery() as nursery:
        for _ in range(3):
            nursery.start_soon(found.id_of, "#last")
    assert await found.id_of("last") == "C3"
    assert await found.id_of("general") == "C1"
    assert await found.name_of("C2") == "ops"
    assert await found.id_of("C77") == "C77"
    assert web.calls == ["conversations.list"] * 2


async def test_an_unknown_name_is_looked_for_again_but_not_always(
    autojump_clock: MockClock,
) -> None:
    web, found = made()
    unknown = await found.id_of("new")
    assert isinstance(unknown, NoChannel)
    assert "There is no channel new" in unknown.sentence
    web.pages[1]["C4"] = "new"
    assert isinstance(await found.id_of("new"), NoChannel)
    assert len(web.calls) == 2
    await trio.sleep(SOONEST)
    assert await found.id_of("new") == "C4"


async def test_an_entry_ends_after_its_life_or_by_a_new_name(autojump_clock: MockClock) -> None:
    web, found = made()
    assert await found.name_of("C1") == "general"
    found.learn("C1", "common")
    assert await found.id_of("common") == "C1"
    assert web.calls == ["conversations.info"]
    assert isinstance(await found.id_of("nothing"), NoChannel)
    web.pages[0]["C1"] = "renamed"
    await trio.sleep(LIFE)
    assert await found.id_of("renamed") == "C1"
    found.forget("C1")
    assert await found.name_of("C1") == "renamed"
    assert web.calls[-1] == "conversations.info"


async def test_a_failure_is_handed_on_and_not_remembered(autojump_clock: MockClock) -> None:
    web, found = made()
    web.answer = Later(reason="HTTP 503")
    assert await found.id_of("general") == web.answer
    assert await found.name_of("C1") == web.answer
    web.answer = None
    assert await found.id_of("general") == "C1"


async def test_a_name_that_somebody_waits_for_is_asked_again_for_a_while(
    autojump_clock: MockClock,
) -> None:
    web, found = made()
    web.answer = Later(reason="HTTP 503")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(mend, web, 30.0)
        assert await found.named("C1") == "general"
    web.answer = Later(reason="HTTP 503")
    began = trio.current_time()
    assert await found.named("C3") == web.answer
    assert 100 < trio.current_time() - began <= PATIENCE
    web.answer = NoChannel(code="x", sentence="x")
    calls = len(web.calls)
    assert await found.named("C3") == web.answer
    assert len(web.calls) == calls + 1


async def mend(web: Web, after: float) -> None:
    await trio.sleep(after)
    web.answer = None


async def test_only_so_many_are_kept(autojump_clock: MockClock) -> None:
    _, found = made()
    await trio.lowlevel.checkpoint()
    for number in range(directory.MOST + 10):
        found.learn(f"C{number}", f"name{number}")
    assert len(found._names) == len(found._ids) == directory.MOST
