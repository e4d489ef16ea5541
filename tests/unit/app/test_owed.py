"""What is owed is said once, in order, as soon as it can be."""

from collections.abc import Awaitable, Callable

import trio
import trio.testing

from botkube.app.owed import Owed
from botkube.model.errors import StorageError


class Saying:
    """Things that can be said while there is room."""

    def __init__(self, names: str) -> None:
        self.room = True
        self.said = ""
        self.things = [self._thing(name) for name in names]

    def _thing(self, name: str) -> Callable[[], Awaitable[None]]:
        async def say() -> None:
            await trio.lowlevel.checkpoint()
            if not self.room:
                raise StorageError("full")
            self.said += name
            self.room = name != "b"  # the room ends in the middle

        return say


async def test_each_is_said_once_as_soon_as_there_is_room(
    autojump_clock: trio.testing.MockClock,
) -> None:
    saying = Saying("abcd")
    owed = Owed(saying.things)
    assert not await owed.say()
    assert saying.said == "ab"
    async with trio.open_nursery() as nursery:
        nursery.start_soon(owed.say_all)
        await trio.sleep(60)
        assert saying.said == "ab"
        saying.room = True
        await trio.sleep(5)
        assert saying.said == "abcd"


async def test_nothing_owed_is_all_said() -> None:
    owed = Owed([])
    await owed.say_all()
    assert await owed.say()
