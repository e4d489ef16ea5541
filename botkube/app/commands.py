"""The command level: the workers of each platform."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

import msgspec
import trio

from botkube import __version__
from botkube.app.foundation import Base, Stored
from botkube.app.owed import Owed
from botkube.app.plugins import Plugins
from botkube.bots.playground.platform import Playground
from botkube.bridges.executor import PluginExecutor
from botkube.engine.commands.desk import Desk
from botkube.engine.commands.running import RunningCommands
from botkube.engine.commands.worker import Worker
from botkube.model.command import Incoming
from botkube.model.message import Body, Message
from botkube.model.plugin import PluginKey
from botkube.runtime.inbox import Inbox
from botkube.store.results import KeptResults

WAITING: Final = 1000  # commands accepted and not answered; beyond that users are told "busy"
DRAIN: Final = 10.0  # seconds at the end for commands that run
TOGETHER: Final = 500  # answers owed from before that are stored in one transaction
REPLACED: Final = (
    ":exclamation: The state database was damaged. It was moved to `{path}` and an empty one was "
    "started: earlier messages and notifications that had not been delivered are only in that file."
)
VERSIONS: Final = (
    f"K8s Server Version: unknown (no cluster is connected)\nBotkube version: {__version__}"
)


class Working(msgspec.Struct, frozen=True, kw_only=True):
    """The platforms that take commands."""

    playground: Playground


@asynccontextmanager
async def working(base: Base, stored: Stored, plugins: Plugins) -> AsyncGenerator[Working]:
    """Run commands while the block runs; then let those that run finish, within the budget."""
    inbox = Inbox[Incoming](WAITING)
    playground = Playground(stored.database, stored.feed, inbox, base.metrics, base.wall)
    owed = Owed(await _debts(base, stored, playground))
    worker = Worker(inbox, playground, _desk(base, stored, plugins), base.metrics)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(worker.run)
        async with trio.open_nursery() as waiting:
            waiting.start_soon(owed.say_all)
            channels = partial(_listeners, base, stored)
            waiting.start_soon(plugins.notices.run, playground.announce, channels)
            yield Working(playground=playground)
            waiting.cancel_scope.cancel()
        inbox.close()
        nursery.cancel_scope.deadline = trio.current_time() + DRAIN * base.patience


async def _debts(
    base: Base, stored: Stored, playground: Playground
) -> list[Callable[[], Awaitable[object]]]:
    left = await playground.left_open()
    debts: list[Callable[[], Awaitable[object]]] = [
        partial(playground.answer_interrupted, left[first : first + TOGETHER])
        for first in range(0, len(left), TOGETHER)
    ]
    if stored.database.replaced:
        text = REPLACED.format(path=stored.database.replaced)
        message = Message(base_body=Body(plaintext=text))
        debts += [partial(playground.announce, channel, message) for channel in base.plan.channels]
    return debts


def _listeners(base: Base, stored: Stored, key: PluginKey) -> list[str]:
    """The channels that use a plugin and want to be told things."""
    using = base.plan.channels_using(key)
    return [channel.name for channel in using if not stored.switches.muted(channel)]


def _desk(base: Base, stored: Stored, plugins: Plugins) -> Desk:
    return Desk(
        read_routes=lambda: base.plan.routes,
        executor=PluginExecutor(plugins.slots, plugins.credentials, base.webhooks.url),
        results=KeptResults(stored.database),
        switches=stored.switches,
        plugin_status=plugins.status,
        restart_plugin=plugins.restart,
        versions=VERSIONS,
        command_timeout=base.plan.config.settings.command_timeout,
        running=RunningCommands(),
    )
