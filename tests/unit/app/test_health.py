"""The status paths, as probes, scripts and monitoring read them."""

import json
from pathlib import Path

import pytest

from botkube.app.build import Plan, build
from botkube.app.health import health_routes
from botkube.app.status import Board
from botkube.config import embedded_default
from botkube.model.event import Event, Routed
from botkube.runtime.childspec import ChildState
from botkube.runtime.metrics import Metrics
from botkube.store import outbox
from botkube.web.http import Request, Response
from tests.fakes.store import opened

CONFIG = embedded_default().config
assert CONFIG is not None
PLAN: Plan = build(CONFIG)


def state(word: str = "ready", reason: str = "") -> ChildState:
    return ChildState(state=word, since=990.0, reason=reason, retry_at=None, restarts=2)  # type: ignore[arg-type]


def board(**children: ChildState) -> Board:
    found = Board(Metrics(), lambda: 1000.0)
    found.phase = "started"
    names = {"echo": "plugin:builtin/echo", "beat": "plugin:builtin/heartbeat"}
    found.watch(lambda: {names[name]: child for name, child in children.items()})
    return found


async def get(found: Board, path: str) -> Response:
    request = Request(method="GET", path=path, query={}, headers={})
    answer = await health_routes(found, PLAN)[path](request)
    assert isinstance(answer, Response)
    return answer


@pytest.mark.parametrize(
    ("phase", "path", "status"),
    [
        ("starting", "/healthz", 503),
        ("started", "/healthz", 200),
        ("stopping", "/healthz", 503),
        ("starting", "/livez", 200),
        ("stopping", "/livez", 200),
        ("starting", "/readyz", 503),
        ("started", "/readyz", 200),
        ("stopping", "/readyz", 503),
        ("starting", "/metrics", 200),
    ],
)
async def test_statuses(phase: str, path: str, status: int) -> None:
    found = board(echo=state())
    found.phase = phase  # type: ignore[assignment]  # one of the phases
    assert (await get(found, path)).status == status


async def test_readyz_names_every_part() -> None:
    found = board(echo=state(), beat=state("parked", "no such file"))
    answer = await get(found, "/readyz")
    assert answer.status == 503
    body = json.loads(answer.body)
    assert body["ready"] is False
    assert body["parts"]["plugin:builtin/heartbeat"] == {
        "state": "parked",
        "since": "1970-01-01T00:16:30.000Z",
        "reason": "no such file",
        "retry_at": None,
    }


async def test_healthz_has_the_shape_that_probes_of_the_original_know() -> None:
    found = board(echo=state(), beat=state("retrying", "gone"))
    found.show_platforms(("default-playground",), ("default-discord",))
    body = json.loads((await get(found, "/healthz")).body)
    assert body["botkube"] == {"status": "Healthy"}
    assert body["plugins"] == {
        "tools": {"enabled": True, "status": "Running", "restarts": "2/10"},
        "beat": {"enabled": True, "status": "Restarting", "restarts": "2/10"},
    }
    assert body["platforms"]["default-playground"]["status"] == "Unhealthy"


def value(found: Board, name: str, **labels: str) -> float | None:
    return found.metrics.registry.get_sample_value(f"botkube_{name}", labels)


@pytest.mark.real
async def test_metrics_measure_when_they_are_asked(tmp_path: Path) -> None:
    target = "default-playground:general"
    event = Event(id="e", source="beat", message=b"{}", raw=b"", received_at=940.0)
    async with opened(tmp_path) as database:
        found = board(echo=state(), beat=state("retrying"))
        found.show_platforms(("default-playground",), ("default-discord",))
        found.database = database
        await database.do(lambda c: outbox.put(c, [Routed(event=event, targets=(target,))]))
        text = (await get(found, "/metrics")).body.decode()
    assert f'botkube_outbox_depth{{target="{target}"}} 1.0' in text
    assert value(found, "outbox_oldest_seconds", target=target) == 60
    assert value(found, "outbox_depth", target="default-playground:alerts") == 0
    assert value(found, "outbox_oldest_seconds", target="default-playground:alerts") == 0
    assert value(found, "plugin_up", plugin="builtin/echo") == 1
    assert value(found, "plugin_up", plugin="builtin/heartbeat") == 0
    assert value(found, "connection_up", platform="default-playground") == 1


@pytest.mark.real
async def test_metrics_answer_also_when_the_store_does_not(tmp_path: Path) -> None:
    async with opened(tmp_path) as database:
        pass
    found = board(echo=state())
    found.database = database
    assert (await get(found, "/metrics")).status == 200
