"""Many commands at once: each is answered exactly once with its own content, or visibly refused."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import trio

from tests.fakes.program import Api, Frames, Program, text_of
from tests.gates.configs import heartbeat

USERS = 10


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    program = Program(tmp_path, heartbeat(1))
    program.start()
    yield program
    program.close()


class Replies:
    """The final frames by the command they answer."""

    def __init__(self) -> None:
        self.by_command: dict[str, list[tuple[str, str]]] = {}
        self.count = 0

    async def read(self, frames: Frames, wanted: int) -> None:
        """Collect until this many final frames have come."""
        while self.count < wanted:
            frame = await frames.next()
            body = frame["body"]
            assert isinstance(body, dict)
            if "outcome" in body:
                self.count += 1
                reply = (str(body["outcome"]), text_of(frame))
                self.by_command.setdefault(str(body["reply_to"]), []).append(reply)


async def flood(program: Program, commands: int) -> tuple[dict[str, str], Replies]:
    """Send the commands of ten users at once; returns command id → its number, and all replies."""
    said: dict[str, str] = {}
    replies = Replies()

    async def user(name: int) -> None:
        # One client each: httpx looks through all waiting requests at every answer.
        places = trio.Semaphore(50)
        async with program.connected() as api, trio.open_nursery() as nursery:
            for number in range(name, commands, USERS):
                await places.acquire()
                nursery.start_soon(say, api, places, f"user{name}", str(number))

    async def say(api: Api, places: trio.Semaphore, name: str, number: str) -> None:
        answer = await api.say("one", f"@Botkube echo <{number}>", name)
        said[str(answer["id"])] = number
        places.release()

    with trio.fail_after(200):
        async with (
            program.connected() as api,
            api.stream() as frames,
            trio.open_nursery() as nursery,
        ):
            nursery.start_soon(replies.read, frames, commands)
            for name in range(USERS):
                nursery.start_soon(user, name)
    return said, replies


def check(said: dict[str, str], replies: Replies, outcomes: set[str]) -> Counter[str]:
    assert said.keys() == replies.by_command.keys()
    found: Counter[str] = Counter()
    for command, number in said.items():
        [(outcome, text)] = replies.by_command[command]
        assert outcome in outcomes, text
        if outcome == "ok":
            assert text == f"echo <{number}>"
        else:
            assert "not run" in text
        found[outcome] += 1
    return found


@pytest.mark.real
@pytest.mark.slow
@pytest.mark.alone
async def test_500_commands_of_10_users_get_500_right_replies(program: Program) -> None:
    said, replies = await flood(program, 500)
    assert check(said, replies, {"ok"}) == {"ok": 500}


@pytest.mark.real
@pytest.mark.slow
@pytest.mark.alone
async def test_5000_at_once_are_each_answered_or_visibly_refused(program: Program) -> None:
    said, replies = await flood(program, 5000)
    found = check(said, replies, {"ok", "refused"})
    assert found.total() == 5000
    print(f"5,000 at once: {dict(found)}")
