"""The command level: the workers of each platform."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Final

import msgspec
import trio

from botkube import __version__
from botkube.app.build import Plan
from botkube.app.foundation import Base, Stored
from botkube.app.owed import Owed
from botkube.app.plugins.level import Plugins
from botkube.bots.playground.platform import Playground
from botkube.bridges.executor import PluginExecutor
from botkube.engine.commands.desk import Desk
from botkube.engine.commands.running import RunningCommands
from botkube.engine.commands.worker import Worker
from botkube.model.command import Incoming
from botkube.model.message import Body, Message
from botkube.model.plugin import PluginKey
from botkube.runtime.inbox import Inbox
from botkube.store.journal import OpenCommand
from botkube.store.results import KeptResults

if TYPE_CHECKING:
    from botkube.app.slack.house import SlackHouse

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
    slacks: "Sequence[SlackHouse]" = ()


@asynccontextmanager
async def working(
    base: Base, stored: Stored, plugins: Plugins, slacks: "Sequence[SlackHouse]" = ()
) -> AsyncGenerator[Working]:
    """Run commands while the block runs; then let those that run finish, within the budget."""
    inbox = Inbox[Incoming](WAITING)
    playground = Playground(stored.database, stored.feed, inbox, base.metrics, base.wall)
    left = await playground.left_open()
    desk = _desk(base, stored, plugins)
    debts = [Owed(_debts(base, stored, playground, left))]
    debts += [Owed(_slack_debts(stored, house, left)) for house in slacks]
    async with trio.open_nursery() as nursery:
        nursery.start_soon(Worker(inbox, playground, desk, base.metrics).run)
        for house in slacks:
            own = msgspec.structs.replace(desk, read_routes=house.routes)
            nursery.start_soon(Worker(house.inbox, house.replier, own, base.metrics).run)
        async with trio.open_nursery() as waiting:
            for owed in debts:
                waiting.start_soon(owed.say_all)
            say = partial(_say, base.plan, playground, {item.name: item for item in slacks})
            waiting.start_soon(plugins.notices.run, say, partial(_listeners, base, stored))
            yield Working(playground=playground, slacks=slacks)
            waiting.cancel_scope.cancel()
        inbox.close()
        for house in slacks:
            house.inbox.close()
        nursery.cancel_scope.deadline = trio.current_time() + DRAIN * base.patience


def _debts(
    base: Base, stored: Stored, playground: Playground, left: Sequence[OpenCommand]
) -> list[Callable[[], Awaitable[object]]]:
    of_slack = {slack.name for slack in base.plan.slacks}
    own = [row for row in left if row.platform not in of_slack]
    debts: list[Callable[[], Awaitable[object]]] = [
        partial(playground.answer_interrupted, own[first : first + TOGETHER])
        for first in range(0, len(own), TOGETHER)
    ]
    if stored.database.replaced:
        message = _replaced(stored)
        debts += [partial(playground.announce, channel, message) for channel in base.plan.channels]
    return debts


def _slack_debts(
    stored: Stored, house: "SlackHouse", left: Sequence[OpenCommand]
) -> list[Callable[[], Awaitable[object]]]:
    rows = [row for row in left if row.platform == house.name]
    debts: list[Callable[[], Awaitable[object]]] = []
    if rows:
        debts.append(partial(house.answer_interrupted, rows))
    if stored.database.replaced:
        message = _replaced(stored)
        names = [channel.name for channel in house.platform.channels]
        debts += [partial(house.replier.announce, name, message) for name in names]
    return debts


def _replaced(stored: Stored) -> Message:
    return Message(base_body=Body(plaintext=REPLACED.format(path=stored.database.replaced)))


def _listeners(base: Base, stored: Stored, key: PluginKey) -> list[str]:
    """The targets of the channels that use a plugin and want to be told things."""
    using = base.plan.channels_using(key)
    return [channel.target for channel in using if not stored.switches.muted(channel)]


async def _say(
    plan: Plan,
    playground: Playground,
    slacks: "Mapping[str, SlackHouse]",
    target: str,
    message: Message,
) -> None:
    """Say something of our own in the channel behind a target.

    Raises:
        StorageError: it was not said.
    """
    channel = plan.by_target[target]
    house = slacks.get(channel.address.platform)
    say = playground.announce if house is None else house.announce
    await say(channel.name, message)


def _desk(base: Base, stored: Stored, plugins: Plugins) -> Desk:
    return Desk(
        read_routes=lambda: base.plan.routes,
        executor=PluginExecutor(
            plugins.slots, plugins.credentials, base.webhooks.url, plugins.process_status
        ),
        results=KeptResults(stored.database),
        switches=stored.switches,
        plugin_status=plugins.status,
        restart_plugin=plugins.restart,
        versions=VERSIONS,
        command_timeout=base.plan.config.settings.command_timeout,
        running=RunningCommands(),
    )
