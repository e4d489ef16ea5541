"""What is ordered over the API and how it ended, in the log of the instance: a line for each plugin."""

import logging
from collections.abc import Generator
from contextlib import contextmanager

from botkube.app.orders.book import Action
from botkube.app.orders.steps import Show, Step

log = logging.getLogger(__name__)


@contextmanager
def logged(action: Action, show: Show) -> Generator[Show]:
    """Give what takes the steps of an order in place of `show`, and logs how each plugin's ended.

    What has not ended when the block is left was given up: whoever ordered it has gone.
    """
    open_ends: set[str] = set()

    def tell(step: Step) -> None:
        if step.ends:
            open_ends.discard(step.plugin)
            level = logging.WARNING if step.stage == "failed" else logging.INFO
            _log(level, action, step.plugin, f"{step.stage}: {step.text}")
        else:
            open_ends.add(step.plugin)
        show(step)

    try:
        yield tell
    finally:
        for plugin in sorted(open_ends):
            _log(logging.INFO, action, plugin, "given up, nobody waits for it any more")


def _log(level: int, action: Action, plugin: str, outcome: str) -> None:
    log.log(level, "ordered over the API: %s %s: %s", action, plugin, outcome)
