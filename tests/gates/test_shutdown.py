"""SIGTERM and SIGINT in the middle of everything: in time, nothing left behind, the next start goes on."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
import trio

from tests.fakes.bounds import bound
from tests.fakes.cached import put_sleeper, runs_of
from tests.fakes.program import Api, Program, text_of, until
from tests.gates.configs import several
from tests.gates.conftest import Launch
from tests.gates.looks import metric, processes_of
from tests.gates.test_kill import final, history, shown, wait_for_all, waiting

pytestmark = [pytest.mark.real, pytest.mark.slow]

DEADLINE = 28.0
SLACK = bound(0, 30)  # for a process to be gone that ended in time, as its exit code tells
PATIENCE = "28s" if "GATE_FULL" in os.environ else "14s"  # its parts shrink with it
CHANNELS = ("one", "two", "three", "four", "five", "six")
EVENTS = 2000
SOME = 300  # events received before it is stopped
FLOOD = {"interval": "0s", "text": "run={run} n={n}.", "count": EVENTS}


def flooded(folder: Path, patience: str = "28s") -> str:
    """A heartbeat that goes as fast as it is taken, to four channels, and a plugin that sleeps."""
    settings = {"shutdownTimeout": patience}
    return several(
        folder, executors=["gate/sleeper"], channels=CHANNELS, beat=FLOOD, settings=settings
    )


async def begin(program: Program, seconds: str) -> str:
    """Ask for a sleep and wait until the plugin runs it; returns the command's id."""
    async with program.connected() as api:
        return await begin_in(api, program.folder, seconds)


async def begin_in(api: Api, folder: Path, seconds: str) -> str:
    said = await api.say("one", f"@Botkube sleeper {seconds}")
    plugin = folder / "cache" / "gate" / "executor_v1.0.0_sleeper"
    with trio.fail_after(200):
        await until(lambda: f"sleeper {seconds}" in runs_of(plugin))
        while await metric(api, "botkube_events_received_total") < SOME:
            pass
    return str(said["id"])


def outcome(frame: Mapping[str, object]) -> str:
    body = frame["body"]
    assert isinstance(body, dict)
    return str(body["outcome"])


def check_nothing_left(program: Program) -> None:
    assert processes_of(program) == []
    assert not (program.state_dir / "instance.json").exists()
    assert list((program.folder / "run").rglob("bk-*")) == []


def complete(program: Program) -> None:
    """Every channel shows the same runs without a gap, and the last run is complete."""
    with program.http() as client:
        wait_for_all(client, EVENTS)
        runs = [shown(history(client, name)) for name in CHANNELS]
    assert all(x == runs[0] for x in runs)
    assert all(x == list(range(1, len(x) + 1)) for x in runs[0].values())
    assert len(list(runs[0].values())[-1]) == EVENTS


def test_a_short_command_is_finished_and_the_outbox_goes_on(folder: Path, launch: Launch) -> None:
    put_sleeper(folder)
    program = launch(flooded(folder))
    asked = trio.run(begin, program, "2")
    with program.http() as client:
        left = waiting(client)
    began = time.monotonic()
    assert program.stop() == 0
    took = time.monotonic() - began
    assert took < DEADLINE + SLACK
    check_nothing_left(program)
    program.start()
    [frame] = final(program, asked)
    assert (outcome(frame), text_of(frame)) == ("ok", "awake after sleeper 2")
    complete(program)
    assert program.stop() == 0
    print(
        f"SIGTERM with a command of 2 s and {left} waiting in the outbox: exit 0 after {took:.1f} s"
    )


def test_a_long_command_is_interrupted_and_the_user_sees_it(folder: Path, launch: Launch) -> None:
    put_sleeper(folder)
    program = launch(flooded(folder, PATIENCE))
    asked = trio.run(begin, program, "600")
    began = time.monotonic()
    assert program.stop(signal.SIGINT) == 0
    took = time.monotonic() - began
    assert took < float(PATIENCE[:-1]) + SLACK
    check_nothing_left(program)
    program.start()
    [frame] = final(program, asked)
    assert outcome(frame) == "cancelled"
    assert text_of(frame) == "`sleeper 600` was interrupted: Botkube is stopping."
    complete(program)
    print(f"SIGINT with a command of 600 s: exit 0 after {took:.1f} s")


def test_after_kill_9_the_command_is_answered_and_its_button_runs_it(
    folder: Path, launch: Launch
) -> None:
    plugin = put_sleeper(folder)
    program = launch(flooded(folder))
    asked = trio.run(begin, program, "600")
    plugin.with_name(plugin.name + ".trace").unlink()
    os.kill(program.pid, signal.SIGKILL)
    program.wait()
    program.start()
    [frame] = final(program, asked)
    assert outcome(frame) == "cancelled"
    assert text_of(frame) == "`sleeper 600` was interrupted by a restart. Run it again?"
    complete(program)
    assert runs_of(plugin) == []  # nothing runs again by itself
    trio.run(run_again, program, frame)
    assert runs_of(plugin) == ["sleeper 600"]
    program.stop(signal.SIGKILL)


async def run_again(program: Program, frame: Mapping[str, object]) -> None:
    async with program.connected() as api:
        body = {"user": "tester", "message": frame["id"], "element": "/sections/0/buttons/0"}
        with trio.fail_after(200):
            clicked = await api.client.post("/api/v1/interactions", json={**body, "kind": "button"})
            assert clicked.status_code == 201, clicked.text
            plugin = program.folder / "cache" / "gate" / "executor_v1.0.0_sleeper"
            await until(lambda: bool(runs_of(plugin)))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_it_at_once(
    folder: Path, launch: Launch, number: signal.Signals
) -> None:
    put_sleeper(folder)
    program = launch(flooded(folder))
    trio.run(begin, program, "600")
    assert program.process is not None
    program.process.send_signal(number)
    time.sleep(0.1)
    program.process.send_signal(number)  # within a second: the same request
    with pytest.raises(subprocess.TimeoutExpired):
        program.process.wait(4)  # and then it is another, late as either may be heard
    began = time.monotonic()
    program.process.send_signal(number)
    assert program.wait(bound(5, 20)) == 128 + number
    took = time.monotonic() - began
    check_nothing_left(program)
    print(f"second {number.name}: gone after {took:.2f} s")
    assert took < bound(5, 20)  # the rest of its 28 s is not waited for
