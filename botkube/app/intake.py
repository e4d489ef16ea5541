"""The intake level, first to stop: the playground's doors and the source streams."""

import math
from collections.abc import AsyncGenerator, Sequence
from contextlib import ExitStack, asynccontextmanager
from functools import partial
from typing import Final

from botkube.app.build import SourceSpec
from botkube.app.commands import Working
from botkube.app.foundation import Base, Stored
from botkube.app.observe import observer
from botkube.app.playground import playground_routes
from botkube.app.plugins import Plugins
from botkube.bots.playground.api import PREFIX, PlaygroundApi
from botkube.bridges.source import Source, SourceStream
from botkube.config import fingerprint
from botkube.engine.events.intake import Intake
from botkube.model.event import Event
from botkube.runtime.childspec import ChildSpec
from botkube.runtime.policy import Backoff, Policy
from botkube.runtime.supervisor import open_supervisor
from botkube.web.guard import Guard
from botkube.web.page import page

# A stream is tried for ever: its plugin may be away for hours, and it must not be deaf afterwards.
POLICY: Final = Policy(
    max_restarts=10**9, backoff=Backoff(0.25, 30.0), parked_retry=30.0, start_timeout=math.inf
)


@asynccontextmanager
async def taking_in(
    base: Base, stored: Stored, plugins: Plugins, work: Working, guard: Guard
) -> AsyncGenerator[None]:
    """Take in commands and events while the block runs."""
    async with open_supervisor(
        "intake", observe=observer(base.metrics), random=base.random, wall=base.wall
    ) as supervisor:
        base.board.watch(supervisor.states)
        base.board.show_platforms(base.plan.platforms, base.plan.unavailable)
        with ExitStack() as doors:
            if base.plan.platforms:
                _open_playground(doors, base, stored, work, guard)
            await supervisor.reconcile(_streams(base, stored, plugins))
            yield


def _open_playground(
    doors: ExitStack, base: Base, stored: Stored, work: Working, guard: Guard
) -> None:
    api = PlaygroundApi(
        work.playground,
        stored.database,
        stored.feed,
        base.plan.channels,
        partial(stored.muted, base.plan),
    )
    doors.enter_context(base.doors.opened(PREFIX, playground_routes(api, guard)))
    handler = page(guard)
    doors.enter_context(base.doors.opened("/", handler))
    doors.enter_context(base.doors.opened("/assets/", handler))


def _streams(base: Base, stored: Stored, plugins: Plugins) -> list[ChildSpec]:
    muted = partial(stored.muted, base.plan)
    intake = Intake(stored.outbox, lambda: base.plan.routes, muted, base.metrics)
    specs = base.plan.sources
    groups = [spec.name for spec in specs]
    return [
        _stream(base, plugins, intake, spec, alone=groups.count(spec.name) == 1) for spec in specs
    ]


def _stream(
    base: Base, plugins: Plugins, intake: Intake, spec: SourceSpec, *, alone: bool
) -> ChildSpec:
    name = f"source:{spec.name}" if alone else f"source:{spec.name}/{spec.binding.key}"
    health = partial(base.board.trouble, name)

    async def store(events: Sequence[Event]) -> None:
        await intake.store(spec.name, events, health)

    source = Source(
        name=spec.name,
        config=spec.binding.config,
        cluster=base.plan.routes.cluster,
        interactive=True,
        store=store,
        health=health,
        wall=base.wall,
    )
    stream = SourceStream(source, plugins.slots[spec.binding.key])
    return ChildSpec(
        name=name, body=stream.run, fingerprint=fingerprint(spec.binding), policy=POLICY
    )
