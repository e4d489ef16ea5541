"""The parts of Slack that hold something, cut off at each of their checkpoints: nothing is lost, twice or left behind."""

import sqlite3
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from itertools import count
from pathlib import Path
from random import Random

import pytest
import trio

from botkube.bots.slack.calling.paced import PacedApi
from botkube.bots.slack.calling.rates import Rates
from botkube.bots.slack.calling.web import Api, WebSettings, open_web
from botkube.bots.slack.hearing import intake
from botkube.bots.slack.hearing.frames import Envelope, Event, decode_frame
from botkube.bots.slack.hearing.inbound import Said, from_history
from botkube.bots.slack.hearing.intake import Intake
from botkube.bots.slack.hearing.link import Link, Means
from botkube.bots.slack.saying.carry import Carrier
from botkube.bots.slack.saying.lanes import ChannelLane, Entry
from botkube.bots.slack.saying.order import Order
from botkube.bots.slack.saying.telling import Teller
from botkube.model.replies import plain
from botkube.runtime.http import no_authorities
from botkube.runtime.websocket import Door
from tests.fakes.cancelling import cancelled_at
from tests.fakes.slack import envelopes
from tests.fakes.slack.inbound import Inbound, hearing
from tests.fakes.slack.links import QUICK, Heard
from tests.fakes.slack.outbound import Outbound, delivery, replying, sending
from tests.fakes.slack.server import serving_slack
from tests.fakes.slack.workspace import APP_TOKEN, BOT, BOT_TOKEN

pytestmark = pytest.mark.real
ROOM = 1000
FEWEST = 3  # checkpoints that each of them has at least: else nothing was cut off

Take = Callable[[], Awaitable[object]]


class Accepted:
    """What was taken in: journalled, and handed over."""

    def __init__(self, inbound: Inbound) -> None:
        self.inbound = inbound
        self.handed = Counter[str]()

    async def of(self, text: str) -> int:
        """How often a command was accepted; every place that nobody needs must be free."""

        def ask(connection: sqlite3.Connection) -> int:
            query = "SELECT count(*) FROM command WHERE text = ?"
            return int(connection.execute(query, (text,)).fetchone()[0])

        journalled = await self.inbound.database.do(ask)  # behind all that was queued
        inbox = self.inbound.inbox
        with suppress(trio.WouldBlock):
            while True:
                self.handed[inbox.receive.receive_nowait().text] += 1
                inbox.release()
        assert self.handed[text] == journalled
        assert inbox._free == ROOM
        return journalled

    async def cut_off_and_again(self, text: str, checkpoint: int, take: Take) -> bool:
        """Take it in, cut off, and again as it comes again: once in all; whether it was cut off."""
        cut = await cancelled_at(checkpoint, take)
        assert await self.of(text) <= 1
        await take()
        assert await self.of(text) == 1
        return cut


async def test_what_is_said_is_accepted_once(tmp_path: Path) -> None:
    with trio.fail_after(100):
        async with serving_slack() as slack, hearing(slack, tmp_path, work=False) as inbound:
            taken = Accepted(inbound)
            for checkpoint in count(1):
                text = f"echo {checkpoint}"
                ts = f"{checkpoint}.5"
                event = Event(type="message", user="U1", text=f"<@{BOT}> {text}", ts=ts)
                said = from_history(event, "C1", BOT)
                assert isinstance(said, Said)
                take = partial(inbound.reception.said, said)
                if not await taken.cut_off_and_again(text, checkpoint, take):
                    break
    assert checkpoint > FEWEST


async def test_what_a_socket_heard_is_accepted_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The queue of what was acknowledged dies with its intake: it comes again from the history."""
    monkeypatch.setattr(intake, "LAST", 60.0)  # the disk may be busy
    with trio.fail_after(100):
        async with serving_slack() as slack, hearing(slack, tmp_path, work=False) as inbound:
            taken = Accepted(inbound)
            for checkpoint in count(1):
                text = f"echo {checkpoint}"
                frame = decode_frame(
                    envelopes.event(text=f"<@{BOT}> {text}", ts=f"{checkpoint}.5")
                    .replace("Ev1", f"Ev{checkpoint}")
                    .encode()
                )
                assert isinstance(frame, Envelope)
                take = partial(taking_in, inbound, frame)
                if not await taken.cut_off_and_again(text, checkpoint, take):
                    break
    assert checkpoint > FEWEST


async def taking_in(inbound: Inbound, envelope: Envelope) -> None:
    """One life of an intake that hears one thing; it rests when it waits for more."""
    heard = Intake(inbound.reception)
    heard.connected(BOT)
    heard.hear(envelope)
    with trio.move_on_after(0.2):
        await heard.run()


async def test_a_reply_is_given_once(tmp_path: Path) -> None:
    async with replying(tmp_path) as out:
        for checkpoint in count(1):
            incoming = await out.accepted(f"n{checkpoint}")
            finish = partial(out.replier.finish, incoming, plain(f"answer {checkpoint}."))
            cut = await cancelled_at(checkpoint, finish)
            await finish()  # nothing, unless the first had no effect
            await out.slack.says(f"answer {checkpoint}.")
            if not cut:
                break
        await out.replier.rested()
        assert [len(times(out, f"answer {n}.")) for n in range(1, checkpoint + 1)] == [
            1
        ] * checkpoint
        assert await out.rows("SELECT * FROM reply") == []
        assert await out.rows("SELECT * FROM command WHERE open = 1") == []
    assert checkpoint > FEWEST


def times(out: Outbound, text: str) -> list[str]:
    return [post.ts for post in out.workspace.posts() if text in post.shown]


async def test_what_is_owed_is_told_and_only_a_step_under_way_is_told_again(tmp_path: Path) -> None:
    async with sending(tmp_path) as out:
        out.paced = PacedApi(out.paced._web, Rates(lambda _method: None))  # nothing waits
        for checkpoint in count(1):
            text = f"answer {checkpoint}."
            incoming = await out.accepted(f"n{checkpoint}")
            entry = await out.new_replier()._finished(incoming, plain(text))
            assert entry is not None
            cut = await cancelled_at(checkpoint, partial(work_off, out, entry))
            await out.database.do(lambda _: None)
            said, owed = len(times(out, text)), await out.rows("SELECT command FROM reply")
            assert said or owed, "it is lost"
            async with trio.open_nursery() as nursery:
                replier = out.new_replier()
                await nursery.start(replier.run)
                await replier.rested()
                nursery.cancel_scope.cancel()
            assert len(times(out, text)) == said + len(owed)
            assert await out.rows("SELECT command FROM reply") == []
            if not cut:
                break
    assert checkpoint > FEWEST


async def work_off(out: Outbound, entry: Entry) -> None:
    carrier = Carrier(out.paced, out.directory)
    teller = Teller(carrier, out.paced, out.ledger, lambda *_: None, Random(1))
    lane = ChannelLane("C1")
    lane.owe(entry)
    await teller.work_off(lane, Order(), lambda _: None)


async def test_a_notification_is_told_and_only_one_under_way_is_told_again(tmp_path: Path) -> None:
    before: list[int] = []
    async with sending(tmp_path) as out:
        out.paced = PacedApi(out.paced._web, Rates(lambda _method: None))  # nothing waits
        for checkpoint in count(1):
            names = [f"event {checkpoint}-{n} happened" for n in (1, 2)]
            window = [delivery(n, name) for n, name in enumerate(names, 10 * checkpoint)]
            notifier = out.notifier("general")
            cut = await cancelled_at(checkpoint, partial(notifier.deliver, window))
            before = [len(times(out, name)) for name in names]
            assert before in ([0, 0], [1, 0], [1, 1])
            if not cut:
                break
            outcomes = await out.notifier("general").deliver(window)
            assert len(outcomes) == 2
            assert [len(times(out, name)) for name in names] == [n + 1 for n in before]
    assert checkpoint > FEWEST
    assert before == [1, 1]


async def test_a_link_leaves_no_socket_and_no_task(tmp_path: Path) -> None:
    with trio.fail_after(100):
        async with serving_slack() as slack:
            settings = WebSettings(url=slack.api_url, bot_token=BOT_TOKEN, app_token=APP_TOKEN)
            left = set()
            for checkpoint in count(1):
                async with open_web(settings, no_authorities()) as web:
                    cut = await cancelled_at(checkpoint, partial(one_life, web))
                await slack.sockets.connected(0)
                await trio.testing.wait_all_tasks_blocked(0.01)
                left.add(trio.lowlevel.current_statistics().tasks_living)
                if not cut:
                    break
    assert len(left) == 1
    assert checkpoint > FEWEST


async def one_life(web: Api) -> None:
    heard = Heard()
    means = Means(
        web=web,
        door=Door(context=no_authorities()),
        health=heard.say,
        reconnected=heard.count,
        random=Random(3),
        pace=QUICK,
    )
    async with trio.open_nursery() as nursery:

        async def end() -> None:
            await heard.until(lambda: heard.health)
            nursery.cancel_scope.cancel()

        nursery.start_soon(end)
        await Link("default-socketSlack", means, heard).run(task_status=trio.TASK_STATUS_IGNORED)
