"""Events count as received when they are on disk; a disk that takes nothing holds the source back."""

import pytest
import trio
import trio.testing
from msgspec.structs import replace

from botkube.engine.events.intake import Intake
from botkube.model.event import Event
from botkube.runtime.metrics import Metrics
from tests.fakes.engine import FULL, MemoryOutbox, channel_with, routes_of


class Bench:
    """An intake with its neighbours."""

    def __init__(self, *muted: str) -> None:
        self.outbox = MemoryOutbox()
        self.metrics = Metrics()
        self.said: list[str] = []
        routes = replace(routes_of(channel_with()), targets={"beat": ("a", "b")})
        self.intake = Intake(self.outbox, lambda: routes, muted.__contains__, self.metrics)

    async def store(self, *names: str, source: str = "beat") -> None:
        events = [
            Event(id=name, source=source, message=b"{}", raw=b"null", received_at=1.0)
            for name in names
        ]
        await self.intake.store(source, events, self._say)

    def _say(self, trouble: str) -> None:
        self.said.append(trouble)

    def count(self, name: str, **labels: str) -> float:
        return self.metrics.registry.get_sample_value(name, {"source": "beat", **labels}) or 0


async def test_a_group_is_stored_at_once_routed_and_counted() -> None:
    bench = Bench("b")
    await bench.store("1", "2")
    assert [(r.event.id, r.targets) for r in bench.outbox.put_events] == [
        ("1", ("a",)),
        ("2", ("a",)),
    ]
    assert bench.count("botkube_events_received_total") == 2
    assert bench.count("botkube_events_filtered_total", reason="muted") == 2


async def test_while_the_disk_takes_nothing_it_waits_and_says_so(
    autojump_clock: trio.testing.MockClock,
) -> None:
    bench = Bench()
    bench.outbox.failures = 7
    async with trio.open_nursery() as nursery:
        nursery.start_soon(bench.store, "1")
        await trio.sleep(0.1)
        assert bench.said == [FULL]
        assert bench.count("botkube_events_received_total") == 0
    assert bench.said == [*[FULL] * 7, ""]
    assert bench.count("botkube_events_received_total") == 1
    assert trio.current_time() == pytest.approx(0.25 + 0.5 + 1 + 2 + 4 + 4 + 4)


async def test_a_cancelled_store_counts_nothing(autojump_clock: trio.testing.MockClock) -> None:
    bench = Bench()
    bench.outbox.failures = 1000
    with trio.move_on_after(60):
        await bench.store("1")
    assert bench.outbox.put_events == []
    assert bench.count("botkube_events_received_total") == 0
