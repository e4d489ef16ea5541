"""Each accepted command gets exactly one final reply, whatever happens."""

import pytest
import trio
import trio.testing

from botkube.engine.commands.worker import LAST_WORDS, Worker
from botkube.model.call import Answer, Call
from botkube.model.command import Incoming, Outcome
from botkube.model.errors import PluginRefused, StorageError
from botkube.model.message import Body, Message
from botkube.runtime.inbox import Inbox
from botkube.runtime.metrics import Metrics
from tests.fakes.cancelling import cancelled_at
from tests.fakes.engine import (
    FULL,
    FakeExecutor,
    FakeReplier,
    FakeSwitches,
    channel_with,
    desk_with,
    executor,
    said,
)

CHANNEL = channel_with(executor("echo"))


class Bench:
    """A worker with its neighbours."""

    def __init__(self, fake: FakeExecutor | None = None, *, capacity: int = 1000) -> None:
        self.inbox = Inbox[Incoming](capacity)
        self.replier = FakeReplier()
        self.metrics = Metrics()
        self.switches = FakeSwitches()
        desk = desk_with(CHANNEL, fake, switches=self.switches)
        self.worker = Worker(self.inbox, self.replier, desk, self.metrics)

    def accept(self, *names: str, text: str = "echo x") -> None:
        for name in names:
            assert self.inbox.reserve()
            self.inbox.put(said(text, name=name))

    async def run_all(self) -> None:
        self.inbox.close()
        await self.worker.run()

    def counted(self, command: str, outcome: str) -> float:
        labels = {"command": command, "outcome": outcome}
        return self.metrics.registry.get_sample_value("botkube_commands_total", labels) or 0

    def text_of(self, name: str) -> str:
        body = self.replier.replies[name].message.base_body
        return body.code_block or body.plaintext


async def hang(_call: Call) -> Answer:
    await trio.sleep_forever()
    raise AssertionError


async def test_a_command_is_shown_as_working_answered_and_counted() -> None:
    bench = Bench(FakeExecutor("done"))
    bench.accept("a")
    await bench.run_all()
    assert bench.replier.worked_on == ["a"]
    assert bench.text_of("a") == "done"
    assert bench.replier.attempts == 1
    assert bench.counted("echo", "ok") == 1


@pytest.mark.parametrize(
    ("text", "command", "outcome"),
    [("ping", "ping", "ok"), ("rm -rf", "other", "refused"), ("echo '\"", "other", "failed")],
)
async def test_commands_are_counted_by_a_closed_set_of_names(
    text: str, command: str, outcome: str
) -> None:
    bench = Bench()
    bench.accept("a", text=text)
    await bench.run_all()
    assert bench.counted(command, outcome) == 1


async def test_a_command_that_is_not_for_us_is_closed_without_a_word() -> None:
    bench = Bench()
    bench.accept("a", text="ping --cluster-name=prod")
    await bench.run_all()
    assert bench.replier.replies["a"].silent


async def test_five_thousand_commands_get_five_thousand_replies(
    autojump_clock: trio.testing.MockClock,
) -> None:
    running = most = 0

    async def slowly(call: Call) -> Answer:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await trio.sleep(1)
        running -= 1
        return Answer(message=Message(base_body=Body(code_block=call.incoming.id)))

    bench = Bench(FakeExecutor(slowly), capacity=5000)
    names = [f"c{number}" for number in range(5000)]
    bench.accept(*names)
    await bench.run_all()
    assert most == 5000  # what bounds them is the inbox, and the places of their plugin
    assert {name: bench.text_of(name) for name in names} == {name: name for name in names}
    assert bench.replier.attempts == 5000


async def test_a_full_inbox_has_room_again_as_soon_as_a_command_is_answered() -> None:
    bench = Bench(capacity=2)
    bench.accept("a", "b")
    assert not bench.inbox.reserve()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(bench.worker.run)
        await trio.testing.wait_all_tasks_blocked()
        bench.accept("c", "d")
        bench.inbox.close()
    assert set(bench.replier.replies) == {"a", "b", "c", "d"}


async def test_commands_under_way_keep_their_places_in_the_inbox() -> None:
    bench = Bench(FakeExecutor(hang), capacity=2)
    bench.accept("a", "b")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(bench.worker.run)
        await trio.testing.wait_all_tasks_blocked()
        assert not bench.inbox.reserve()
        nursery.cancel_scope.cancel()
    assert set(bench.replier.replies) == {"a", "b"}


async def test_a_cancelled_command_is_answered_interrupted(
    autojump_clock: trio.testing.MockClock,
) -> None:
    bench = Bench(FakeExecutor(hang))
    bench.accept("a", text="echo  100% {x}")
    with trio.move_on_after(1):
        await bench.worker.run()
    assert bench.text_of("a") == "`echo 100% {x}` was interrupted: Botkube is stopping."
    assert bench.replier.replies["a"].outcome is Outcome.CANCELLED
    assert trio.current_time() == 1


async def test_also_when_the_plugin_call_is_made_of_tasks(
    autojump_clock: trio.testing.MockClock,
) -> None:
    async def in_tasks(_call: Call) -> Answer:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(trio.sleep_forever)
            nursery.start_soon(trio.sleep_forever)
        raise AssertionError

    bench = Bench(FakeExecutor(in_tasks))
    bench.accept("a")
    with trio.move_on_after(1):
        await bench.worker.run()
    assert bench.replier.replies["a"].outcome is Outcome.CANCELLED


@pytest.mark.parametrize("checkpoint", range(1, 12))
async def test_exactly_one_reply_wherever_it_is_cancelled(checkpoint: int) -> None:
    bench = Bench(FakeExecutor("done"))
    await cancelled_at(checkpoint, lambda: bench.worker._handle(said("echo x", name="a")))
    assert set(bench.replier.replies) == {"a"}


async def test_while_the_disk_takes_nothing_the_reply_is_tried_again(
    autojump_clock: trio.testing.MockClock,
) -> None:
    bench = Bench(FakeExecutor("done"))
    bench.replier.failures = [StorageError(FULL)] * 8
    bench.accept("a")
    await bench.run_all()
    assert bench.text_of("a") == "done"
    assert bench.replier.attempts == 9
    assert trio.current_time() == pytest.approx(0.25 + 0.5 + 1 + 2 + 4 * 4)


async def test_a_cancelled_command_does_not_wait_for_the_disk_for_ever(
    autojump_clock: trio.testing.MockClock,
) -> None:
    bench = Bench(FakeExecutor(hang))
    bench.replier.failures = [StorageError(FULL)] * 1000
    bench.accept("a")
    with trio.move_on_after(1):
        await bench.worker.run()
    assert trio.current_time() == 1 + LAST_WORDS
    assert bench.replier.replies == {}


async def test_a_full_disk_met_by_the_command_itself_is_told_to_the_user(
    caplog: pytest.LogCaptureFixture,
) -> None:
    bench = Bench()
    bench.switches.broken = True
    bench.accept("a", text="disable notifications")
    await bench.run_all()
    assert bench.text_of("a").startswith(f"{FULL} (correlation id ")
    assert bench.replier.replies["a"].outcome is Outcome.FAILED
    assert FULL in caplog.text


async def test_a_fault_of_ours_is_one_sentence_and_others_go_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def breaks(call: Call) -> Answer:
        await trio.lowlevel.checkpoint()
        if call.incoming.id == "bad":
            raise KeyError("secret detail")
        return Answer(message=Message(base_body=Body(code_block="fine")))

    bench = Bench(FakeExecutor(breaks))
    bench.accept("bad", "good")
    await bench.run_all()
    text = bench.text_of("bad")
    assert text.startswith(
        "Sorry, an internal error occurred while executing your command for the 'dev' cluster :( "
        "See the logs for more details (correlation id "
    )
    assert "secret" not in text
    assert "KeyError: 'secret detail'" in caplog.text
    assert bench.text_of("good") == "fine"


async def test_a_reply_that_cannot_be_given_is_replaced_by_one_that_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    bench = Bench(FakeExecutor("cannot be shown"))
    bench.replier.failures = [ValueError("no such thing")]
    bench.accept("a", "b")
    await bench.run_all()
    assert "internal error" in bench.text_of("a")
    assert bench.text_of("b") == "cannot be shown"
    assert "ValueError: no such thing" in caplog.text


async def test_a_reply_that_can_never_be_given_does_not_end_the_worker(
    caplog: pytest.LogCaptureFixture,
) -> None:
    bench = Bench()
    bench.replier.failures = [ValueError("one"), ValueError("two")]
    bench.accept("a")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(bench.worker.run)
        await trio.testing.wait_all_tasks_blocked()
        bench.accept("b")
        bench.inbox.close()
    assert set(bench.replier.replies) == {"b"}
    assert "command a stays unanswered until the next start" in caplog.text


async def test_a_plugins_refusal_is_a_failed_command() -> None:
    bench = Bench(FakeExecutor(PluginRefused("no")))
    bench.accept("a")
    await bench.run_all()
    assert bench.counted("echo", "failed") == 1
    duration = "botkube_command_duration_seconds_count"
    assert bench.metrics.registry.get_sample_value(duration, {"command": "echo"}) == 1
