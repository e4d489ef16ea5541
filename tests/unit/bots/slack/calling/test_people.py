"""Users' names: asked for once, bounded in number and in time."""

import msgspec
import pytest
import trio

from botkube.bots.slack.calling import people
from botkube.bots.slack.calling.api import Call
from botkube.bots.slack.calling.outcome import AuthFailed, Later, Ok, Outcome
from botkube.bots.slack.calling.paced import PacedApi
from botkube.bots.slack.calling.people import People
from botkube.bots.slack.calling.rates import Rates


class Web:
    """Answers users.info."""

    def __init__(self, answer: Outcome) -> None:
        self.answer = answer
        self.asked = 0
        self.delay = 0.0

    async def call(self, _call: Call) -> Outcome:
        self.asked += 1
        await trio.sleep(self.delay)
        return self.answer


ANN = Ok(data={"user": {"name": "ann", "real_name": "Ann Example"}})


def found(answer: Outcome) -> tuple[Web, People]:
    web = Web(answer)
    return web, People(PacedApi(web, Rates()))


async def test_a_name_is_asked_for_once_an_hour(autojump_clock: trio.testing.MockClock) -> None:
    web, users = found(ANN)
    assert [await users.name_of("U1", "ann") for _ in range(3)] == ["Ann Example"] * 3
    assert web.asked == 1
    await trio.sleep(people.LIFE)
    web.answer = Ok(data={"user": {"name": "ann"}})
    assert await users.name_of("U1") == "ann"


@pytest.mark.parametrize(
    ("answer", "again"),
    [(Later(reason="x"), people.AGAIN), (AuthFailed(code="x", sentence="x"), people.LIFE)],
)
async def test_who_cannot_be_named_is_not_asked_for_each_time(
    answer: Outcome, again: float, autojump_clock: trio.testing.MockClock
) -> None:
    web, users = found(answer)
    assert await users.name_of("U1", "ann") == "ann"
    assert await users.name_of("U1") == "U1"
    assert web.asked == 1
    await trio.sleep(again)
    await users.name_of("U1")
    assert web.asked == 2


async def test_a_command_waits_a_second_at_most(autojump_clock: trio.testing.MockClock) -> None:
    web, users = found(ANN)
    web.delay = 60.0
    began = trio.current_time()
    assert await users.name_of("U1", "ann") == "ann"
    assert trio.current_time() - began == people.PATIENCE


async def test_so_many_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "MOST", 2)
    web, users = found(ANN)
    for user in ("U1", "U2", "U3", "U1"):
        await users.name_of(user)
    assert web.asked == 4
    assert msgspec.structs.asdict(ANN)
