"""Programs that are no good plugins: one clear error each, a restart, no harm to others, nothing left."""

import os
import re
import signal

import pytest
import trio

from botkube.plugins.errors import PluginDown
from botkube.plugins.life import Timing
from tests.fakes.bounds import bound
from tests.fakes.plugins.lender import open_lender
from tests.fakes.plugins.rig import Rig, quick_policy, raw, report, serving

pytestmark = pytest.mark.real

HASTY = Timing(start=5, stop_grace=0.2)  # a hundred times what it takes to start one

FAULTS = {
    "silent": "printed no handshake line within 5 s",
    "wrong-version": "protocol",
    "not-a-plugin": "usage: tool",
    "early-exit": "exited with code 3; its last words: cannot read the config",
    "panic": "exited with code 2; its last words: panic: boom",
    "garbage": "more than 4096 bytes to stdout where the handshake line belongs: 'xxx",
    "dangling": "cannot connect to the plugin",
    "deaf": "did not answer its first health check within 5 s",
    "hangs-up": "the connection to the plugin is lost: the connection was closed",
    "leaves-grandchild": "exited with code 4",
}


async def test_every_fault_at_once_beside_a_good_plugin(rig: Rig) -> None:
    policy = quick_policy(restarts=1)
    mute = {mode: raw(mode) for mode, text in FAULTS.items() if "within" in text}
    others = {mode: raw(mode) for mode in FAULTS if mode not in mute}
    async with rig.running({"echo": serving()}):
        await rig.ask("echo", "echo 0")
        async with (
            rig.running(mute, rig.settings(HASTY, policy)),
            rig.running(others, rig.settings(Timing(stop_grace=0.2), policy)),
        ):
            slowest = await ask_until(rig, lambda: all(rig.parked(mode) for mode in FAULTS))
        for mode, text in FAULTS.items():
            assert re.search(text, rig.failures(mode)[0]), rig.failures(mode)
            assert len(rig.failures(mode)) == 1
            assert re.search(text, rig.parked(mode) or "")
        assert not rig.failures("echo")
    report(
        f"slowest answer of a good plugin beside {len(FAULTS)} bad ones: {slowest * 1000:.0f} ms"
    )
    assert slowest < bound(3, 10)


async def ask_until(rig: Rig, done: object) -> float:
    slowest = 0.0
    assert callable(done)
    async with trio.open_nursery() as nursery:

        async def ask_on() -> None:
            nonlocal slowest
            while True:
                begin = trio.current_time()
                assert await rig.ask("echo", "echo hi") == "hi"
                slowest = max(slowest, trio.current_time() - begin)
                await trio.sleep(0.01)

        nursery.start_soon(ask_on)
        await rig.happens(done)
        nursery.cancel_scope.cancel()
    return slowest


async def test_a_parked_plugin_refuses_at_once_with_a_sentence(rig: Rig) -> None:
    settings = rig.settings(policy=quick_policy(restarts=0))
    async with rig.running({"early-exit": raw("early-exit")}, settings) as supervisor:
        with pytest.raises(
            PluginDown, match="plugin fake/early-exit is not running: the plugin exited"
        ):
            await rig.slots["early-exit"].lease()
        rig.programs["early-exit"] = serving()
        supervisor.restart("plugin:executor/fake/early-exit")
        await supervisor.wait_ready()
        assert await rig.ask("early-exit", "echo back") == "back"


async def test_one_without_health_fails(rig: Rig) -> None:
    async with (
        open_lender(rig.root, without="Health") as program,
        rig.running({"x": program}, rig.settings(policy=quick_policy(restarts=0))),
    ):
        with pytest.raises(PluginDown, match="failed its health check: UNIMPLEMENTED"):
            await rig.slots["x"].lease()


async def test_one_without_stdio_works(rig: Rig) -> None:
    async with (
        open_lender(rig.root, without="Stdio") as program,
        rig.running({"x": program}, rig.settings()),
    ):
        client = await rig.slots["x"].lease()
        await client.check_health()
    assert not rig.failures("x")


async def test_a_flood_is_counted_and_starves_nobody(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", logger="botkube.plugins")
    settings = rig.settings(Timing(), quick_policy(restarts=0))
    async with rig.running({"echo": serving()}):
        await rig.ask("echo", "echo 0")
        begin = trio.current_time()
        async with rig.running({"floods": raw("floods")}, settings):
            slowest = await ask_until(rig, lambda: bool(rig.parked("floods")))
        took = trio.current_time() - begin
        assert not rig.failures("echo")
    report(f"64 MiB read in {took:.1f} s, slowest answer beside it: {slowest * 1000:.0f} ms")
    assert slowest < bound(3, 10)
    assert re.search("code 5; its last words: .*x / flooded", rig.parked("floods") or "")
    warnings = [vars(r)["fields"] for r in caplog.records if r.levelname == "WARNING"]
    left_out = sum(fields["left_out"] for fields in warnings)
    logged = sum(len(r.message) + 1 for r in caplog.records if r.message.startswith("xxx"))
    assert left_out + logged == pytest.approx(64 * 2**20, abs=4096)
    assert logged < 4 * 2**20
    assert len(warnings) <= 2


async def test_no_plugin_waits_for_the_start_or_the_restart_of_another(rig: Rig) -> None:
    patient = rig.settings(Timing(health_interval=0.2, health_deadline=30.0, stop_grace=1.0))
    slow = {mode: raw(mode) for mode in ("silent", "deaf", "stubborn")}
    begin = trio.current_time()
    async with rig.running({**slow, "echo": serving()}, patient) as supervisor:
        assert await rig.ask("echo", "echo hi") == "hi"
        started = trio.current_time() - begin
        for mode in slow:
            supervisor.restart(f"plugin:executor/fake/{mode}")  # one of them ignores SIGTERM
        os.kill(rig.recorded("echo"), signal.SIGKILL)
        begin = trio.current_time()
        await rig.happens(lambda: bool(rig.failures("echo")))
        assert await rig.ask("echo", "echo hi") == "hi"
        back = trio.current_time() - begin
        states = {name: state.state for name, state in supervisor.states().items()}
    report(f"started after {started:.2f} s, back after {back:.2f} s, beside three that hang")
    assert [state for name, state in states.items() if "echo" not in name] == ["starting"] * 3
    assert started < 30
    assert back < 30
