"""Places are counted, and what was reserved can always be put."""

import trio

from botkube.runtime.inbox import Inbox


async def test_a_reserved_place_can_be_put_into_and_is_taken_until_released() -> None:
    inbox = Inbox[str](1)
    assert inbox.reserve()
    assert not inbox.reserve()
    inbox.put("a")
    assert await inbox.receive.receive() == "a"
    assert not inbox.reserve()
    inbox.release()
    assert inbox.reserve()


async def test_a_closed_inbox_takes_nothing_and_hands_out_what_it_has() -> None:
    inbox = Inbox[str](3)
    assert inbox.reserve()
    assert inbox.reserve()
    inbox.put("a")
    inbox.close()
    inbox.put("late")
    assert not inbox.reserve()
    assert [item async for item in inbox.receive] == ["a"]


async def test_workers_wait_for_an_item() -> None:
    inbox = Inbox[str](1)
    with trio.move_on_after(0) as scope:
        await inbox.receive.receive()
    assert scope.cancelled_caught
