"""What the listener says about parts that this configuration, or this version, does not have."""

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from botkube.app.build import build
from botkube.app.foundation import DOORS, Base, listening
from botkube.app.status import Board
from botkube.config import embedded_default
from botkube.runtime.metrics import Metrics
from botkube.web.doors import Doors
from botkube.web.http import HttpError, Request

CONFIG = embedded_default().config
assert CONFIG is not None
PLAN = build(CONFIG)


@pytest.mark.parametrize(
    ("platforms", "path", "status"),
    [
        ((), "/", 404),
        ((), "/assets/app.js", 404),
        ((), "/api/v1/channels", 404),
        (PLAN.platforms, "/", 503),
        (PLAN.platforms, "/api/v1/channels", 503),
        ((), "/sources/v1/x", 501),
        (PLAN.platforms, "/sources/v1/x", 501),
    ],
)
async def test_who_will_never_be_there_is_not_said_to_be_starting(
    tmp_path: Path, platforms: tuple[str, ...], path: str, status: int
) -> None:
    metrics = Metrics()
    base = Base(
        plan=replace(PLAN, platforms=platforms),
        state_dir=tmp_path,
        environ={},
        token="t",
        doors=Doors(DOORS),
        board=Board(metrics, lambda: 0.0),
        metrics=metrics,
        wall=lambda: 0.0,
        random=Random(1),
        patience=1.0,
    )
    async with listening(base, ()):
        with pytest.raises(HttpError) as caught:
            await base.doors.handle(Request(method="GET", path=path, query={}, headers={}))
    assert caught.value.status == status
    assert ("starting" in str(caught.value)) == (status == 503)
