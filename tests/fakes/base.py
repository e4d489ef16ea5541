"""What the levels of the program are given, without a program."""

from pathlib import Path
from random import Random

from botkube.app.build import Plan
from botkube.app.foundation import DOORS, Base, WebhookPlace
from botkube.app.status import Board
from botkube.runtime.metrics import Metrics
from botkube.web.doors import Doors


def base_with(plan: Plan, state_dir: Path, *, webhooks: bool = False) -> Base:
    """A base of this plan."""
    metrics = Metrics()
    return Base(
        plan=plan,
        state_dir=state_dir,
        environ={},
        token="t",
        doors=Doors(DOORS),
        board=Board(metrics, lambda: 0.0),
        metrics=metrics,
        wall=lambda: 0.0,
        random=Random(1),
        webhooks=WebhookPlace(on=webhooks),
        patience=1.0,
    )
