"""Hears Slack for one house: its sockets, what was said while nobody listened, and others that use the app."""

from functools import partial
from typing import Final

import trio

from botkube.app.foundation import Base, Stored
from botkube.app.owed import Owed
from botkube.app.slack.house import POLICY, SlackHouse
from botkube.bots.slack.calling.people import People
from botkube.bots.slack.hearing.catchup import CatchUp
from botkube.bots.slack.hearing.intake import Intake
from botkube.bots.slack.hearing.link import Link, Means
from botkube.bots.slack.hearing.office import Office
from botkube.bots.slack.hearing.reception import Reception
from botkube.config import fingerprint
from botkube.model.message import Body, Message
from botkube.runtime.childspec import ChildSpec

SHARED: Final = ":exclamation: Commands may get lost: {sentence}."


class SlackIntake:
    """The child of the intake level."""

    def __init__(self, base: Base, stored: Stored, house: SlackHouse) -> None:
        self._base = base
        self._stored = stored
        self._house = house

    @property
    def spec(self) -> ChildSpec:
        """The child that hears Slack."""
        return ChildSpec(
            name=f"platform:{self._house.name}",
            body=self._listen,
            fingerprint=fingerprint(self._house.platform.config),
            policy=POLICY,
        )

    async def _listen(self, *, task_status: trio.TaskStatus[None]) -> None:
        self._house.check()
        base = self._base
        reception = Reception(self._office())
        intake = Intake(reception)
        catch_up = CatchUp(
            self._stored.database, self._house.name, intake, reception, self._house.replier.finish
        )
        means = Means(
            web=self._house.means.web,
            door=self._house.means.door,
            health=partial(base.board.trouble, f"platform:{self._house.name}"),
            reconnected=base.metrics.reconnects.labels(self._house.name).inc,
            random=base.random,
        )
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._hear_who, intake)
            nursery.start_soon(catch_up.run)
            nursery.start_soon(self._tell_of_others, intake)
            await nursery.start(Link(self._house.name, means, intake).run)
            task_status.started()

    async def _hear_who(self, intake: Intake) -> None:
        self._house.identify(await intake.known())
        await intake.run()

    async def _tell_of_others(self, intake: Intake) -> None:
        """Once for each time that others come, in every channel that wants to be told things."""
        while True:
            await intake.noticed.wait()
            text = SHARED.format(sentence=intake.notice)
            message = Message(base_body=Body(plaintext=text))
            channels = self._house.platform.channels
            told = [item for item in channels if not self._stored.switches.muted(item)]
            await Owed(
                [partial(self._house.announce, item.name, message) for item in told]
            ).say_all()

    def _office(self) -> Office:
        base, house = self._base, self._house
        return Office(
            platform=house.name,
            rooms=house.platform.rooms,
            database=self._stored.database,
            inbox=house.inbox,
            paced=house.paced,
            directory=house.directory,
            people=People(house.paced),
            metrics=base.metrics,
            wall=base.wall,
        )
