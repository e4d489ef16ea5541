"""The delivery level: one supervised deliverer for each target."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Final

import trio

from botkube.app.foundation import Base, Stored
from botkube.app.observe import observer
from botkube.bots.playground.notifier import ChannelNotifier
from botkube.engine.events.deliver import WINDOW, Deliverer, Target
from botkube.engine.ports import Notifier
from botkube.model.routes import Channel
from botkube.runtime.childspec import ChildSpec
from botkube.runtime.policy import Backoff, Policy
from botkube.runtime.supervisor import Supervisor, open_supervisor

if TYPE_CHECKING:
    from botkube.app.sinks import RunningSink
    from botkube.app.slack.house import SlackHouse

DRAIN: Final = 6.0  # seconds at the end for what is due; the rest is on disk
POLICY: Final = Policy(max_restarts=1000, backoff=Backoff(0.25, 30.0), parked_retry=30.0)


@asynccontextmanager
async def delivering(
    base: Base, stored: Stored, slacks: "Sequence[SlackHouse]" = ()
) -> AsyncGenerator[Supervisor]:
    """Deliver while the block runs, and then what is due, within the budget; gives the supervisor."""
    deliverers = [_deliverer(base, stored, channel) for channel in base.plan.channels.values()]
    sinks = _sinks(base, stored)
    async with open_supervisor(
        "delivery", observe=observer(base.metrics), random=base.random, wall=base.wall
    ) as supervisor:
        base.board.watch(supervisor.states)
        chats = [
            ChildSpec(name=f"deliver:{item.name}", body=item.run, policy=POLICY)
            for item in deliverers
        ]
        senders = [spec for house in slacks for spec in house.senders()]
        await supervisor.reconcile([*chats, *senders, *(sink.spec for sink in sinks)])
        yield supervisor
        with trio.move_on_after(DRAIN * base.patience):
            for item in deliverers:
                await item.rested()
            for sink in sinks:
                await sink.calm()
            async with trio.open_nursery() as leaving:
                for house in slacks:
                    leaving.start_soon(house.leave)


def _sinks(base: Base, stored: Stored) -> "list[RunningSink]":
    if not base.plan.sinks:
        return []
    from botkube.app.sinks import RunningSink  # noqa: PLC0415 - 20 ms that many never need

    return [RunningSink(base, stored, sink) for sink in base.plan.sinks]


def _deliverer(base: Base, stored: Stored, channel: Channel) -> Deliverer:
    notifier = ChannelNotifier(stored.database, stored.feed, channel.name, base.wall)
    return deliverer(base, stored, channel, notifier)


def deliverer(
    base: Base, stored: Stored, channel: Channel, notifier: Notifier, window: int = WINDOW
) -> Deliverer:
    """Return what delivers to a channel of a chat platform; its troubles are those of its own part of the board."""
    target = Target(
        name=channel.target,
        notifier=notifier,
        bell=stored.bells[channel.target],
        health=partial(base.board.trouble, f"deliver:{channel.target}"),
        window=window,
    )
    return Deliverer(target, stored.outbox, base.metrics, base.wall, base.random)
