"""The newest lines: bounded, and read by whoever, however slowly."""

import trio
import trio.testing

from botkube.runtime.ring import Got, Reader, Ring


def filled(*lines: bytes, most: int = 3, size: int = 100) -> Ring:
    ring = Ring(lines=most, size=size)
    for line in lines:
        ring.add(line)
    return ring


def rest(reader: Reader) -> Got:
    return reader.now()


def test_the_newest_lines_are_kept() -> None:
    ring = filled(b"1", b"2", b"3", b"4")
    assert rest(ring.reader(100)) == Got(0, (b"2", b"3", b"4"))
    assert rest(ring.reader(1)) == Got(0, (b"4",))
    assert rest(ring.reader(0)) == Got(0, ())


def test_no_more_bytes_are_kept_than_that_but_always_the_newest_line() -> None:
    assert rest(filled(b"1" * 60, b"2" * 60).reader(9)) == Got(0, (b"2" * 60,))
    assert rest(filled(b"1", b"2" * 200).reader(9)) == Got(0, (b"2" * 200,))


def test_a_slow_reader_is_told_how_many_it_missed() -> None:
    ring = filled(b"1")
    reader, other = ring.reader(1), ring.reader(0)
    for line in (b"2", b"3", b"4", b"5"):
        ring.add(line)
    assert rest(reader) == Got(2, (b"3", b"4", b"5"))
    assert rest(reader) == Got(0, ())
    assert rest(other) == Got(1, (b"3", b"4", b"5"))


async def test_readers_wait_for_what_comes(nursery: trio.Nursery) -> None:
    ring, found = filled(b"1"), list[Got]()

    async def follow() -> None:
        reader = ring.reader(0)
        while True:
            found.append(await reader.next())

    nursery.start_soon(follow)
    nursery.start_soon(follow)
    await trio.testing.wait_all_tasks_blocked()
    ring.add(b"2")
    ring.add(b"3")
    await trio.testing.wait_all_tasks_blocked()
    ring.add(b"4")
    await trio.testing.wait_all_tasks_blocked()
    assert found == [Got(0, (b"2", b"3"))] * 2 + [Got(0, (b"4",))] * 2
