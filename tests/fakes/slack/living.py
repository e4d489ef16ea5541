"""The Slack half of the program in this process, on clocks of the test's: everything real but the plugins.

The levels are those of `app/main.py`: store, clients, delivery, workers, intake. Commands are answered by an executor
that counts them, and events come from the test.
"""

from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from random import Random

import msgspec
import trio
from trio.testing import MockClock

from botkube.app.build import Plan, build
from botkube.app.delivery import delivering
from botkube.app.foundation import DOORS, Base, Stored, storing
from botkube.app.observe import observer
from botkube.app.reaching import reaching
from botkube.app.slack.house import SlackHouse
from botkube.app.slack.intake import SlackIntake
from botkube.app.status import Board
from botkube.config import load
from botkube.engine.commands.desk import Desk
from botkube.engine.commands.running import RunningCommands
from botkube.engine.commands.worker import Worker
from botkube.engine.events.intake import Intake
from botkube.engine.ports import Progress
from botkube.model.call import Answer, Call, PluginStatus
from botkube.model.event import Event
from botkube.model.message import Body, Message, encode_message
from botkube.runtime.metrics import Metrics
from botkube.runtime.override import override
from botkube.runtime.policy import TroubleState
from botkube.runtime.supervisor import open_supervisor
from botkube.store.results import KeptResults
from botkube.web.doors import Doors
from tests.fakes.passing import passing

SOURCE = "beat"


class States(Board):
    """The board, and every state that its parts said."""

    def __init__(self, metrics: Metrics, wall: Callable[[], float]) -> None:
        super().__init__(metrics, wall)
        self.said: Counter[str] = Counter()
        self.newest: dict[str, tuple[str, str]] = {}
        self.repeated: list[tuple[str, str]] = []  # said although it was so already

    @override
    def trouble(self, part: str, reason: str, state: TroubleState = "retrying", /) -> None:
        now = (reason, state if reason else "")
        if self.newest.get(part, ("", "")) == now and part in self.newest:
            self.repeated.append((part, reason))
        self.newest[part] = now
        self.said[part] += 1
        super().trouble(part, reason, state)


class Echo:
    """Answers `echo WORD` with `WORD-out`, some time later; counts what ran."""

    def __init__(self, random: Random) -> None:
        self.ran: Counter[str] = Counter()
        self._random = random

    async def execute(self, call: Call, progress: Progress) -> Answer:
        word = call.command.split()[-1]
        self.ran[word] += 1
        await trio.sleep(self._random.choice((0.0, 0.2, 2.0, 15.0)))
        return Answer(message=Message(base_body=Body(code_block=f"{word}-out")))


class Half(msgspec.Struct, kw_only=True):
    """What a test sees of the program."""

    base: Base
    stored: Stored
    house: SlackHouse
    board: States
    echo: Echo
    intake: Intake

    async def happen(self, number: int) -> None:
        """Something happens in the cluster; it is on disk when this returns."""
        message = Message(base_body=Body(plaintext=f"event {number} happened"))
        event = Event(
            id=f"e{number}",
            source=SOURCE,
            message=encode_message(message),
            raw=b"null",
            received_at=self.base.wall(),
        )
        await self.intake.store(SOURCE, [event], lambda _trouble: None)

    @property
    def restarts(self) -> int:
        """How often a supervised part had to be started again."""
        return sum(part.restarts for part in self.board.parts().values())


def plan_of(folder: Path, config: str) -> Plan:
    """The plan of a configuration.

    Raises: AssertionError if it is wrong.
    """
    path = folder / "config.yaml"
    path.write_text(config)
    loaded = load([path], {})
    assert loaded.config is not None, loaded.errors
    return build(loaded.config)


@asynccontextmanager
async def living(
    plan: Plan, folder: Path, clock: MockClock, wall: Callable[[], float], random: Random
) -> AsyncGenerator[Half]:
    """One life of the Slack half while the block runs; ends as the program does when it is asked to stop."""
    metrics = Metrics()
    board = States(metrics, wall)
    base = Base(
        plan=plan,
        state_dir=folder,
        environ={},
        token="t",
        doors=Doors(DOORS),
        board=board,
        metrics=metrics,
        wall=wall,
        random=random,
        patience=1.0,
    )
    echo = Echo(random)
    async with (
        storing(base) as stored,
        reaching(base, stored) as (house,),  # reads certificates in a thread, which no clock sees
        passing(clock, stored.database),
        delivering(base, stored, (house,)),
        _working(base, stored, house, echo),
    ):
        muted = partial(stored.muted, plan)
        intake = Intake(stored.outbox, lambda: plan.routes, muted, metrics)
        yield Half(base=base, stored=stored, house=house, board=board, echo=echo, intake=intake)


@asynccontextmanager
async def _working(
    base: Base, stored: Stored, house: SlackHouse, echo: Echo
) -> AsyncGenerator[None]:
    desk = Desk(
        read_routes=house.routes,
        executor=echo,
        results=KeptResults(stored.database),
        switches=stored.switches,
        plugin_status=lambda _binding: PluginStatus(),
        restart_plugin=lambda _key: "ready",
        versions="",
        command_timeout=300.0,
        running=RunningCommands(),
    )
    async with trio.open_nursery() as nursery:
        nursery.start_soon(Worker(house.inbox, house.replier, desk, base.metrics).run)
        async with open_supervisor(
            "intake", observe=observer(base.metrics), random=base.random, wall=base.wall
        ) as supervisor:
            base.board.watch(supervisor.states)
            await supervisor.reconcile([SlackIntake(base, stored, house).spec])
            yield
        house.inbox.close()
