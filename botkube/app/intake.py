"""The intake level, first to stop: the doors of the playground and the webhooks, and the source streams."""

import math
from collections.abc import AsyncGenerator, Sequence
from contextlib import ExitStack, asynccontextmanager
from functools import partial
from itertools import groupby
from typing import Final

from botkube.app.build import SourceSpec
from botkube.app.commands import Working
from botkube.app.foundation import WEBHOOKS, Base, Stored
from botkube.app.observe import observer
from botkube.app.playground import playground_routes
from botkube.app.plugins.level import Plugins
from botkube.app.webhooks import Hook, Webhooks
from botkube.bots.playground.api import PREFIX, PlaygroundApi
from botkube.bridges.source import Source, SourceStream
from botkube.bridges.webhook import About, WebhookPlugin, WebhookSource
from botkube.config import fingerprint
from botkube.engine.events.intake import Intake
from botkube.model.event import Event
from botkube.runtime.childspec import ChildSpec
from botkube.runtime.policy import Backoff, Policy
from botkube.runtime.supervisor import Supervisor, open_supervisor
from botkube.web.guard import Guard
from botkube.web.http import Handler
from botkube.web.page import page

# A stream is tried for ever: its plugin may be away for hours, and it must not be deaf afterwards.
POLICY: Final = Policy(
    max_restarts=10**9, backoff=Backoff(0.25, 30.0), parked_retry=30.0, start_timeout=math.inf
)


@asynccontextmanager
async def taking_in(
    base: Base, stored: Stored, plugins: Plugins, work: Working, guard: Guard
) -> AsyncGenerator[Supervisor]:
    """Take in commands and events while the block runs; gives who supervises the streams."""
    async with open_supervisor(
        "intake",
        observe=observer(base.metrics, plugins.notices.hear, base.plan.plugin_parts),
        random=base.random,
        wall=base.wall,
    ) as supervisor:
        base.board.watch(supervisor.states)
        base.board.show_platforms(base.plan.platforms, base.plan.unavailable)
        muted = partial(stored.muted, base.plan)
        intake = Intake(stored.outbox, lambda: base.plan.routes, muted, base.metrics)
        with ExitStack() as doors:
            if base.plan.platforms:
                _open_playground(doors, base, stored, work, guard)
            if base.webhooks.on:
                handler = _webhooks(base, plugins, intake)
                doors.enter_context(base.doors.opened(WEBHOOKS, handler))
            links = _links(base, stored, work)
            await supervisor.reconcile([*links, *_streams(base, plugins, intake)])
            yield supervisor


def _links(base: Base, stored: Stored, work: Working) -> list[ChildSpec]:
    if not work.slacks:
        return []
    from botkube.app.slack.intake import SlackIntake  # noqa: PLC0415 - many never need it

    return [SlackIntake(base, stored, house).spec for house in work.slacks]


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


def _webhooks(base: Base, plugins: Plugins, intake: Intake) -> Handler:
    """The handler of the sources' webhooks."""
    hooks: dict[str, Hook] = {}
    settings = base.plan.config.plugins.incoming_webhook
    for name, specs in groupby(base.plan.sources, lambda spec: spec.name):
        used_by = list(specs)
        about = About(
            name=name,
            cluster=base.plan.routes.cluster,
            interactive=any(spec.interactive for spec in used_by),
            base_url=base.webhooks.url,
            wall=base.wall,
        )
        bindings = [spec.binding for spec in used_by]
        used = [WebhookPlugin(plugins.slots[item.key], item.config) for item in bindings]
        own = base.plan.config.sources[name].incoming_webhook
        access = own if own.guarded else settings
        hooks[name] = Hook(source=WebhookSource(about, used), access=access)
    return Webhooks(hooks, settings, intake.put, base.metrics).handle


def _streams(base: Base, plugins: Plugins, intake: Intake) -> list[ChildSpec]:
    return [_stream(base, plugins, intake, spec) for spec in base.plan.sources]


def _stream(base: Base, plugins: Plugins, intake: Intake, spec: SourceSpec) -> ChildSpec:
    name = f"source:{base.plan.stream_names[spec.name, spec.binding.key]}"
    health = partial(base.board.trouble, name)

    async def store(events: Sequence[Event]) -> None:
        await intake.store(spec.name, events, health)

    source = Source(
        name=spec.name,
        config=spec.binding.config,
        cluster=base.plan.routes.cluster,
        interactive=spec.interactive,
        store=store,
        health=health,
        wall=base.wall,
        rbac=spec.binding.rbac,
        kubeconfigs=plugins.credentials,
        webhook_base_url=base.webhooks.url,
    )
    stream = SourceStream(source, plugins.slots[spec.binding.key])
    return ChildSpec(
        name=name, body=stream.run, fingerprint=fingerprint(spec.binding), policy=POLICY
    )
