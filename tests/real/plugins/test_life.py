"""A plugin over the real wire: calls, streams, and every way a running process can fail."""

import os
import signal
from collections.abc import Callable

import pytest
import trio
from trio.testing import MockClock

from botkube.plugins.life import Timing
from botkube.wire.errors import CallError
from botkube.wire.messages import ExecuteRequest, StreamRequest
from tests.fakes.bounds import bound
from tests.fakes.plugins.rig import Rig, process_end, quick_policy, report, serving

pytestmark = pytest.mark.real

PATIENT = Timing(stop_grace=30.0)


async def test_it_is_called_and_stopped(rig: Rig) -> None:
    async with rig.running({"a": serving()}, rig.settings(PATIENT)) as supervisor:
        assert await rig.ask("a", "echo hi") == "hi"
        assert supervisor.states()["plugin:executor/fake/a"].state == "ready"
        assert [path.stat().st_mode & 0o777 for path in rig.runtime_dir.iterdir()] == [0o700]
        begin = trio.current_time()
    report(f"stopped in {(trio.current_time() - begin) * 1000:.0f} ms")
    assert trio.current_time() - begin < 20  # not the ladder: it answers Shutdown and goes
    assert not rig.failures("a")


async def test_an_exit_during_a_call_fails_the_call_and_restarts(rig: Rig) -> None:
    async with rig.running({"a": serving(), "other": serving()}):
        pid = await rig.ask("other", "pid")
        with pytest.raises(CallError) as caught:
            await rig.ask("a", "exit 7")
        assert caught.value.status == "UNAVAILABLE"
        await rig.happens(lambda: bool(rig.failures("a")))
        assert await rig.ask("a", "echo again") == "again"
        assert await rig.ask("other", "pid") == pid
    assert rig.failures("a") == [
        "the plugin exited with code 7; its last words: leaving on request"
    ]


async def test_a_kill_is_noticed_at_once(rig: Rig) -> None:
    async with rig.running({"a": serving()}, rig.settings(Timing(health_interval=60))):
        pid = int(await rig.ask("a", "pid"))
        begin = trio.current_time()
        os.kill(pid, signal.SIGKILL)
        await rig.happens(lambda: bool(rig.failures("a")))
        noticed = trio.current_time() - begin
        assert await rig.ask("a", "pid") != str(pid)
        back = trio.current_time() - begin
    report(f"kill -9 noticed after {noticed * 1000:.0f} ms, back after {back * 1000:.0f} ms")
    assert rig.failures("a") == ["the plugin was killed by SIGKILL"]
    assert noticed < bound(1, 30)  # no check, which would come after 60 s


async def test_a_stopped_process_fails_its_health_check_and_is_killed(rig: Rig) -> None:
    timing = Timing(health_interval=0.2, health_deadline=5.0, stop_grace=30.0)
    async with rig.running({"a": serving(), "other": serving()}, rig.settings(timing)):
        pid = int(await rig.ask("a", "pid"))
        await rig.ask("other", "pid")
        begin = trio.current_time()
        os.kill(pid, signal.SIGSTOP)
        await rig.happens(lambda: bool(rig.failures("a")))
        noticed = trio.current_time() - begin
        await process_end(pid)
        assert await rig.ask("other", "echo fine") == "fine"
        await rig.ask("a", "pid")
    report(f"SIGSTOP noticed after {noticed * 1000:.0f} ms (interval 200, deadline 5000)")
    assert rig.failures("a") == ["the plugin did not answer a health check within 5 s"]
    assert noticed < bound(6, 30)  # no ladder, which takes 60 s


async def test_a_lost_connection_of_a_living_process_is_a_failure(rig: Rig) -> None:
    async with rig.running({"a": serving("linger")}):
        client = await rig.slots["a"].lease()
        pid = int((await client.execute(ExecuteRequest(command="pid"))).message)
        await client.shutdown()  # it closes its socket and stays
        await rig.happens(lambda: bool(rig.failures("a")))
        await process_end(pid)
    assert rig.failures("a")[0].startswith("the connection to the plugin is lost")


async def test_streams_and_stdio_live_on_past_the_start_timeout(
    rig: Rig, caplog: pytest.LogCaptureFixture, mock_clock: MockClock
) -> None:
    caplog.set_level("DEBUG", logger="botkube.plugins")
    mock_clock.rate = 1.0  # of the real one, but for the jump; no check is under way then
    timing = Timing(health_interval=1000)
    async with rig.running({"a": serving()}, rig.settings(timing)):
        client = await rig.slots["a"].lease()
        async with client.stream(StreamRequest()) as events:
            seen = 0
            async for event in events:
                seen += 1
                assert event == str(seen).encode()
                if seen == 5:
                    mock_clock.jump(timing.start + 1)
                if seen == 20:
                    break
        await rig.ask("a", "print still here")
        await until_logged(caplog, "still here")
    assert not rig.failures("a")


async def until_logged(caplog: pytest.LogCaptureFixture, text: str) -> None:
    def logged() -> bool:
        return any(record.getMessage() == text for record in caplog.records)

    with trio.fail_after(100):
        while True:
            if logged():
                return
            await trio.lowlevel.checkpoint()


@pytest.mark.parametrize("command", ["grandchild", "daemon"])
async def test_what_it_started_goes_with_it(rig: Rig, command: str) -> None:
    async with rig.running({"a": serving()}, rig.settings(PATIENT)):
        await rig.ask("a", command)
        assert len(rig.processes()) == 2
        begin = trio.current_time()
    assert trio.current_time() - begin < 20


async def test_one_that_ignores_everything_is_killed_after_the_ladder(rig: Rig) -> None:
    settings = rig.settings(Timing(stop_grace=0.3), quick_policy())
    async with rig.running({"a": serving("linger", "stubborn")}, settings):
        await rig.ask("a", "grandchild")
        begin = trio.current_time()
    took = trio.current_time() - begin
    assert 0.6 <= took < 30


async def test_a_thousand_cancelled_calls_leave_nothing(rig: Rig) -> None:
    async with rig.running({"a": serving()}):
        client = await rig.slots["a"].lease()
        pid = await rig.ask("a", "pid")
        begin = trio.current_time()
        await cancelled_calls(lambda: rig.ask("a", "hang"), 1000)
        took = trio.current_time() - begin
        assert await rig.ask("a", "pid") == pid
        assert await rig.slots["a"].lease() is client
    report(f"1,000 cancelled calls: {took:.2f} s")


async def cancelled_calls(call: Callable[[], object], count: int) -> None:
    for n in range(count):
        with trio.move_on_after(0.002 * (n % 3) / 2) as scope:
            await call()  # type: ignore[misc]
        assert scope.cancelled_caught
