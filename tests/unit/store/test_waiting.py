"""The outbox as the engine sees it: doorbells ring for what was committed, and only then."""

from pathlib import Path

import pytest
import trio
import trio.testing

from botkube.model.delivery import Rejected
from botkube.model.errors import StorageError
from botkube.model.event import Event, Routed
from botkube.runtime.doorbell import Doorbell
from botkube.store.database import Database
from botkube.store.waiting import StoredOutbox
from tests.fakes.store import opened

pytestmark = pytest.mark.real


def routed(name: str, *targets: str) -> Routed:
    event = Event(id=name, source="beat", message=b"{}", raw=b"null", received_at=1.0)
    return Routed(event=event, targets=targets)


def outbox_on(database: Database, *targets: str) -> tuple[StoredOutbox, dict[str, Doorbell]]:
    bells = {target: Doorbell() for target in targets}
    return StoredOutbox(database, bells, lambda: 500.0), bells


async def rang(bell: Doorbell) -> bool:
    async with trio.open_nursery() as nursery:
        nursery.start_soon(bell.wait)
        await trio.testing.wait_all_tasks_blocked()
        waits = bool(nursery.child_tasks)
        nursery.cancel_scope.cancel()
    return not waits


async def test_only_the_targets_of_an_event_are_rung(tmp_path: Path) -> None:
    async with opened(tmp_path) as database:
        outbox, bells = outbox_on(database, "a", "b")
        await outbox.put([routed("1", "a"), routed("2", "a", "not here any more")])
        assert [await rang(bells["a"]), await rang(bells["a"]), await rang(bells["b"])] == [
            True,
            False,  # rings while nobody waits count as one
            False,
        ]


async def test_what_is_put_waits_until_it_is_settled(tmp_path: Path) -> None:
    async with opened(tmp_path) as database:
        outbox, _ = outbox_on(database, "a")
        await outbox.put([routed("1", "a"), routed("2", "a")])
        window = await outbox.window("a", 10)
        assert [item.event_id for item in window] == ["1", "2"]
        await outbox.settle([(window[0], Rejected(reason="no"))])
        assert [item.event_id for item in await outbox.window("a", 10)] == ["2"]


async def test_nothing_rings_when_nothing_was_stored(tmp_path: Path) -> None:
    async with opened(tmp_path) as database:
        outbox, bells = outbox_on(database, "a")
    with pytest.raises(StorageError):
        await outbox.put([routed("1", "a")])
    assert not await rang(bells["a"])
