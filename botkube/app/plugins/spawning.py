"""How plugin processes begin: the built-in ones forked from a warm parent, all others by exec."""

import logging
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

import msgspec
import trio

from botkube.app.foundation import Base
from botkube.app.observe import observer
from botkube.plugins.catalog import BUILTIN
from botkube.plugins.children import Children
from botkube.plugins.spawn import Spawn
from botkube.plugins.zygote import Zygote, zygote_command
from botkube.runtime.subreaper import become_subreaper
from botkube.runtime.supervisor import open_supervisor

log = logging.getLogger(__name__)


class Spawns(msgspec.Struct, frozen=True, kw_only=True):
    """How a plugin of our own program is started, and any other."""

    own: Spawn
    other: Spawn


@asynccontextmanager
async def spawning(
    base: Base, adopt: Callable[[], None] = become_subreaper
) -> AsyncGenerator[Spawns]:
    """Start plugins while the block runs, and reap what they leave; `adopt` makes orphans our children."""
    children = Children()
    async with trio.open_nursery() as nursery:
        await nursery.start(children.run)
        if any(key.repo == BUILTIN for key in base.plan.plugins) and _adopts(adopt):
            async with _forking(base, children) as own:
                yield Spawns(own=own, other=children.by_exec)
        else:
            yield Spawns(own=children.by_exec, other=children.by_exec)
        nursery.cancel_scope.cancel(reason="no plugin is left")


def _adopts(adopt: Callable[[], None]) -> bool:
    try:
        adopt()
    except OSError as error:
        text = "built-in plugins are started by exec, each with memory of its own: prctl(PR_SET_CHILD_SUBREAPER) fails: %s"
        log.warning(text, error.strerror)
        return False
    return True


@asynccontextmanager
async def _forking(base: Base, children: Children) -> AsyncGenerator[Spawn]:
    # A supervisor of its own, which nobody's readiness depends on.
    zygote = Zygote(zygote_command(frozen=getattr(sys, "frozen", False)), base.environ, children)
    async with open_supervisor(
        "zygote", observe=observer(base.metrics), random=base.random, wall=base.wall
    ) as supervisor:
        await supervisor.reconcile([zygote.child()])
        yield zygote.spawn
