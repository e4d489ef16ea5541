"""The delivery level: one supervised deliverer for each target."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

import trio

from botkube.app.foundation import Base, Stored
from botkube.app.observe import observer
from botkube.bots.playground.notifier import ChannelNotifier
from botkube.engine.events.deliver import Deliverer, Target
from botkube.model.routes import Channel
from botkube.runtime.childspec import ChildSpec
from botkube.runtime.policy import Backoff, Policy
from botkube.runtime.supervisor import open_supervisor

DRAIN: Final = 6.0  # seconds at the end for what is due; the rest is on disk
POLICY: Final = Policy(max_restarts=1000, backoff=Backoff(0.25, 30.0), parked_retry=30.0)


@asynccontextmanager
async def delivering(base: Base, stored: Stored) -> AsyncGenerator[None]:
    """Deliver while the block runs, and then what is due, within the budget."""
    deliverers = [_deliverer(base, stored, channel) for channel in base.plan.channels.values()]
    async with open_supervisor(
        "delivery", observe=observer(base.metrics), random=base.random, wall=base.wall
    ) as supervisor:
        base.board.watch(supervisor.states)
        await supervisor.reconcile(
            ChildSpec(name=f"deliver:{item.name}", body=item.run, policy=POLICY)
            for item in deliverers
        )
        yield
        with trio.move_on_after(DRAIN * base.patience):
            for item in deliverers:
                await item.rested()


def _deliverer(base: Base, stored: Stored, channel: Channel) -> Deliverer:
    notifier = ChannelNotifier(stored.database, stored.feed, channel.name, base.wall)
    target = Target(
        name=channel.target,
        notifier=notifier,
        bell=stored.bells[channel.target],
        health=partial(base.board.trouble, f"deliver:{channel.target}"),
    )
    return Deliverer(target, stored.outbox, base.metrics, base.wall, base.random)
