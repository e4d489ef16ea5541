"""A program that writes frames and events into a store as fast as it can and prints what it was
promised, until it is killed. Run as a script: `storewriter.py FOLDER RUN`.
"""

import sys
from functools import partial
from pathlib import Path

import trio

from botkube.model.event import Event, Routed
from botkube.store import outbox
from botkube.store.database import Database, open_database
from tests.fakes.store import inserting


def main() -> None:
    trio.run(_write, Path(sys.argv[1]), sys.argv[2])


async def _write(folder: Path, run: str) -> None:
    async with (
        open_database(folder / "state.db", max_bytes=2**28) as database,
        trio.open_nursery() as nursery,
    ):
        for writer in range(8):
            nursery.start_soon(_frames, database, f"{run}-{writer}")
        nursery.start_soon(_events, database, run)


async def _frames(database: Database, name: str) -> None:
    for number in range(10**9):
        text = f"{name}-{number}"
        seq = await database.do(inserting(text))
        _promise("frame", text, seq)


async def _events(database: Database, run: str) -> None:
    for number in range(10**9):
        event = Event(id=f"{run}-{number}", source="s", message=b"{}", raw=b"null", received_at=1.0)
        job = partial(outbox.put, routed=[Routed(event=event, targets=("a", "b"))])
        await database.do(job)
        _promise("event", event.id, 0)


def _promise(kind: str, name: str, seq: int) -> None:
    sys.stdout.write(f"{kind} {name} {seq}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
