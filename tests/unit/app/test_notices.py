"""Who is told what about a plugin, once, whatever the disk does meanwhile."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

import trio
import trio.testing

from botkube.app.build import Plan, build
from botkube.app.notices import Notices
from botkube.app.plugins.installing import heard
from botkube.config import embedded_default
from botkube.model.errors import StorageError
from botkube.model.message import Message
from botkube.model.plugin import PluginKey
from botkube.plugins.end import End
from botkube.plugins.slot import PluginSlot
from botkube.runtime.childspec import (
    ChildEscalated,
    ChildFailed,
    ChildParked,
    ChildStarted,
    SlowStop,
)

Clock = trio.testing.MockClock
CONFIG = embedded_default().config
assert CONFIG is not None
PLAN: Plan = build(CONFIG)
ECHO, BEAT = PLAN.plugins
PLUGIN, STREAM = "plugin:builtin/echo", "source:beat"
END = End(sentence="the plugin exited with code 3", lines=("out of memory",))


class Chat:
    """Channels that can be told things while there is room."""

    def __init__(self) -> None:
        self.room = True
        self.channels = ["general"]
        self.said: list[tuple[float, str, str]] = []
        self.slots = {key: PluginSlot(key) for key in PLAN.plugins}
        self.notices = Notices(PLAN, self.slots)

    async def say(self, channel: str, message: Message) -> None:
        await trio.lowlevel.checkpoint()
        if not self.room:
            raise StorageError("full")
        text = " ".join(message.base_body.plaintext.split()[1:6])
        self.said.append((trio.current_time(), channel, text))

    def listeners(self, key: PluginKey) -> Sequence[str]:
        return [c.name for c in PLAN.channels_using(key) if c.name in self.channels]

    def fail(self, part: str = PLUGIN, delay: float | None = 0.1, error: str = "it died") -> None:
        self.notices.hear(ChildFailed(name=part, error=error, delay=delay, restarts=1))


@asynccontextmanager
async def chatting() -> AsyncGenerator[Chat]:
    chat = Chat()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(chat.notices.run, chat.say, chat.listeners)
        yield chat
        nursery.cancel_scope.cancel()


async def test_a_loop_of_crashes_is_one_notice_and_one_recovery(autojump_clock: Clock) -> None:
    async with chatting() as chat:
        for _ in range(5):
            chat.fail()
            await trio.sleep(1)
            chat.notices.hear(ChildStarted(name=PLUGIN))
            await trio.sleep(1)
        await trio.sleep(100)
    assert chat.said == [
        (4, "general", "The `builtin/echo` plugin does not"),
        (12, "general", "The `builtin/echo` plugin is back"),
    ]


async def test_what_happens_after_an_outage_is_not_told_of_it_again(autojump_clock: Clock) -> None:
    async with chatting() as chat:
        chat.fail(delay=20.0)
        await trio.sleep(6)
        chat.notices.hear(ChildStarted(name=PLUGIN))
        await trio.sleep(40)
        assert len(chat.said) == 2
        chat.notices.hear(ChildStarted(name=PLUGIN))  # restarted, updated
        await trio.sleep(40)
        chat.fail(STREAM)  # something else altogether
        chat.notices.hear(ChildStarted(name=STREAM))
        await trio.sleep(40)
    assert len(chat.said) == 2


async def test_every_channel_that_uses_a_source_is_told(autojump_clock: Clock) -> None:
    async with chatting() as chat:
        chat.channels = ["general", "alerts"]
        chat.fail(STREAM, error="no such cluster")
        await trio.sleep(6)
        chat.notices.hear(ChildStarted(name=STREAM))
        chat.channels = ["general"]  # the other one is muted meanwhile
        await trio.sleep(100)
    assert [channel for _, channel, _ in chat.said] == ["general", "alerts"] * 2


async def test_a_muted_channel_is_told_neither(autojump_clock: Clock) -> None:
    async with chatting() as chat:
        chat.channels = ["alerts"]
        chat.fail(STREAM)
        await trio.sleep(6)
        chat.channels = ["general", "alerts"]
        chat.notices.hear(ChildStarted(name=STREAM))
        await trio.sleep(100)
    assert [channel for _, channel, _ in chat.said] == ["alerts"] * 2


async def test_while_nothing_can_be_stored_there_is_one_state_and_no_queue(
    autojump_clock: Clock,
) -> None:
    async with chatting() as chat:
        chat.room = False
        for _ in range(100):
            chat.notices.hear(ChildParked(name=PLUGIN, reason="it died", wait=20))
            await trio.sleep(20)
            chat.notices.hear(ChildStarted(name=PLUGIN))
            await trio.sleep(20)
        chat.room = True
        await trio.sleep(100)
    assert [text for _, _, text in chat.said] == [
        "The `builtin/echo` plugin does not",
        "The `builtin/echo` plugin is back",
    ]


async def test_the_words_of_the_process_are_used_if_it_has_ended(autojump_clock: Clock) -> None:
    messages: list[Message] = []

    async def say(channel: str, message: Message) -> None:
        await trio.lowlevel.checkpoint()
        messages.append(message)

    chat = Chat()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(chat.notices.run, say, chat.listeners)
        chat.slots[ECHO].end(END)
        chat.notices.hear(ChildParked(name=PLUGIN, reason="too long a text", wait=300))
        await trio.sleep(1)
        chat.notices.hear(ChildStarted(name=PLUGIN))
        chat.slots[ECHO].close()
        await trio.sleep(10)
        chat.notices.hear(ChildParked(name=PLUGIN, reason="there is no file", wait=300))
        await trio.sleep(1)
        nursery.cancel_scope.cancel()
    first, _, last = messages
    assert "does not work: it exited with code 3." in first.base_body.plaintext
    assert first.sections[0].body.code_block == "out of memory"
    assert "does not work: there is no file." in last.base_body.plaintext


async def test_that_the_program_ends_is_said_although_it_ends(autojump_clock: Clock) -> None:
    chat = Chat()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(chat.notices.run, chat.say, chat.listeners)
        await trio.testing.wait_all_tasks_blocked()
        chat.notices.hear(ChildEscalated(name=PLUGIN, reason="it died"))
        nursery.cancel_scope.cancel()
    assert chat.said == [(0, "general", "The `builtin/echo` plugin does not")]


async def test_a_full_disk_does_not_hold_up_the_end(autojump_clock: Clock) -> None:
    chat = Chat()
    chat.room = False
    async with trio.open_nursery() as nursery:
        nursery.start_soon(chat.notices.run, chat.say, chat.listeners)
        chat.notices.hear(ChildEscalated(name=PLUGIN, reason="it died"))
        nursery.cancel_scope.cancel()
    assert (trio.current_time(), chat.said) == (2, [])


async def test_other_parts_and_other_news_are_no_outage(autojump_clock: Clock) -> None:
    async with chatting() as chat:
        chat.fail("deliver:general")
        chat.fail(delay=None)  # it failed while it was being stopped
        chat.notices.hear(SlowStop(name=PLUGIN, grace=10))
        chat.notices.hear(ChildStarted(name=PLUGIN))
        await trio.sleep(100)
    assert chat.said == []


async def test_a_plugin_that_cannot_be_installed_is_told_once_and_so_is_that_it_runs(
    autojump_clock: Clock,
) -> None:
    async with chatting() as chat:
        names = {ECHO: "builtin/echo"}
        hear = heard(names, chat.slots, chat.notices.hear)
        await trio.sleep(100)  # a download that simply runs
        for delay in (1.0, 2.0, 4.0, 8.0):
            hear(ChildFailed(name="package:builtin/echo", error="away", delay=delay, restarts=1))
            await trio.sleep(delay)
        chat.notices.hear(ChildStarted(name=PLUGIN))
        await trio.sleep(100)
    assert chat.said == [
        (103, "general", "The `builtin/echo` plugin does not"),
        (118, "general", "The `builtin/echo` plugin is back"),
    ]
