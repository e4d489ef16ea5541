"""Plugins that die, stop, or never were plugins: one clear log line each, others undisturbed, all back.

Streams and StreamStdio past the start timeout, and what 100 kills and 1,000 cancels leave behind, are
looked at closer to the processes, in `tests/real/plugins`.
"""

import os
import re
import signal
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio

from tests.fakes.bounds import bound
from tests.fakes.cached import put_broken, put_sleeper
from tests.fakes.program import Api, Program, text_of
from tests.gates.configs import several
from tests.gates.conftest import Launch
from tests.gates.looks import (
    all_ready,
    becomes,
    complaints,
    log_mark,
    log_since,
    metric,
    parts,
    plugin_pids,
)

pytestmark = [pytest.mark.real, pytest.mark.slow]

ECHO = "builtin/echo"
BEAT = "builtin/heartbeat"
SLEEPER = "gate/sleeper"
BEATS = {"interval": "50ms", "text": "run={run} n={n}."}
PATIENT = bound(3, 12)  # seconds within which a good plugin answers whatever happens to others
USUAL = bound(0.5, 2)  # and the usual answer takes
CORRELATION = re.compile(r"\(correlation id ([0-9a-f]{8})\)")


class Asker:
    """Asks a plugin all the time and remembers how long the answers took."""

    def __init__(self, command: str, reply: str) -> None:
        self.command = command
        self.times: list[float] = []
        self.enough = False
        self._reply = reply

    async def run(self, api: Api) -> None:
        """Ask until told that it is enough; a command that was begun is answered then."""
        while not self.enough or len(self.times) < 3:
            began = trio.current_time()
            frame = await api.ask("one", f"@Botkube {self.command}")
            assert text_of(frame) == self._reply
            self.times.append(trio.current_time() - began)
            await trio.sleep(0.02)


@asynccontextmanager
async def asking(api: Api, command: str, reply: str) -> AsyncGenerator[Asker]:
    """Ask while the block runs; at its end each answer must have come in time."""
    asker = Asker(command, reply)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(asker.run, api)
        yield asker
        asker.enough = True
    assert sorted(asker.times)[len(asker.times) // 2] < USUAL
    assert max(asker.times) < PATIENT


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP], ids=["kill -9", "SIGSTOP"])
async def test_a_lost_plugin_is_back_and_nobody_else_notices(
    folder: Path, launch: Launch, number: signal.Signals
) -> None:
    put_sleeper(folder)
    program = launch(several(folder, executors=[SLEEPER], beat=BEATS))
    with trio.fail_after(200):
        async with program.connected() as api:
            await all_ready(api)
            async with asking(api, "sleeper 0", "awake after sleeper 0") as asker:
                await lose(program, api, (ECHO, BEAT), number)
            print(f"slowest answer of another: {max(asker.times):.3f} s")
            async with asking(api, "echo hi", "echo hi") as asker:
                await lose(program, api, (SLEEPER,), number)
            print(f"slowest answer of another: {max(asker.times):.3f} s")
            await beats_of_a_new_run(api)
    assert program.stop() == 0


async def lose(program: Program, api: Api, plugins: Sequence[str], number: signal.Signals) -> None:
    """Send plugins a signal: each is noticed, told in one line, and back."""
    mark = log_mark(program)
    pids = plugin_pids(program)
    async with trio.open_nursery() as nursery:
        for plugin in plugins:
            nursery.start_soon(lose_one, api, plugin, pids[plugin], number)
    await all_ready(api)
    lines = complaints(log_since(program, mark))
    assert sorted(line.split(" failed: ")[0] for line in lines) == [f"plugin:{x}" for x in plugins]
    words = "was killed by SIGKILL" if number == signal.SIGKILL else "did not answer a health check"
    assert all(words in line for line in lines), lines


async def lose_one(api: Api, plugin: str, pid: int, number: signal.Signals) -> None:
    restarts = f'botkube_plugin_restarts_total{{plugin="{plugin}"}}'
    before = await metric(api, restarts)
    began = trio.current_time()
    os.kill(pid, number)
    while await metric(api, restarts) == before:  # noqa: ASYNC110 - its states may be over between two looks
        await trio.sleep(0.01)
    noticed = trio.current_time() - began
    part = (await parts(api))[f"plugin:{plugin}"]
    assert part["state"] == "ready" or part["reason"]
    await becomes(api, f"plugin:{plugin}", "ready")
    back = trio.current_time() - began
    assert await metric(api, restarts) == before + 1
    print(f"{number.name} of {plugin}: noticed after {noticed:.2f} s, back after {back:.2f} s")


async def beats_of_a_new_run(api: Api) -> None:
    """Events still come, and they are those of the stream that was opened again: from 1 on."""
    page = (
        await api.client.get("/api/v1/channels/one/history", params={"limit": 500, "query": "run="})
    ).json()
    runs = dict.fromkeys(re.findall(r"run=(\S+) n=", str(page)))
    assert len(runs) == 2
    async with api.stream() as frames:
        while True:
            found = re.search(r"run=(\S+) n=", str(await frames.next()))
            if found:
                assert found[1] == list(runs)[1]
                return


async def test_a_command_whose_plugin_dies_is_answered_with_one_sentence(
    folder: Path, launch: Launch
) -> None:
    put_sleeper(folder)
    program = launch(several(folder, executors=[SLEEPER]))
    with trio.fail_after(200):
        async with program.connected() as api, api.stream() as frames:
            await all_ready(api)
            said = await api.say("one", "@Botkube sleeper 60")
            await frames.next()
            os.kill(plugin_pids(program)[SLEEPER], signal.SIGKILL)
            frame = await frames.reply_to(str(said["id"]))
    check_failure(program, frame, "the gate/sleeper plugin stopped while it ran your command")


def _why(body: Mapping[str, object]) -> str:
    """What stands below the output of a command that had some."""
    match body.get("sections"):
        case [{"context": [{"text": str(text)}]}]:
            return text
        case _:
            return ""


def check_failure(program: Program, frame: Mapping[str, object], sentence: str) -> None:
    """One sentence with a correlation id, and a log line that has both."""
    body = frame["body"]
    assert isinstance(body, dict)
    assert body["outcome"] == "failed"
    text = _why(body) or text_of(frame)
    assert sentence in text
    assert "\n" not in text
    found = CORRELATION.search(text)
    assert found, text
    [line] = [x for x in program.log_lines() if x.get("correlation_id") == found[1]]
    assert (line["level"], line["msg"]) == ("error", "command failed")
    assert sentence in str(line["error"])


BROKEN = {
    "wrong-version": "protocol version 4",
    "not-a-plugin": "usage: tool",
    "garbage": "more than 4096 bytes to stdout where the handshake line belongs",
    "early-exit": "exited with code 3; its last words: cannot read the config",
}
FULL = "GATE_FULL" in os.environ


async def test_what_is_no_plugin_says_so_once_for_each_try_and_comes_when_mended(
    folder: Path, launch: Launch
) -> None:
    for mode in (*BROKEN, "silent"):
        put_broken(folder, mode)
    names = [f"gate/{mode}" for mode in (*BROKEN, "silent")]
    program = launch(several(folder, executors=names))
    with trio.fail_after(240):
        async with program.connected() as api:
            await becomes(api, f"plugin:{ECHO}", "ready")
            async with asking(api, "echo hi", "echo hi") as asker:
                for mode, reason in BROKEN.items():
                    part = await becomes(api, f"plugin:gate/{mode}", "retrying")
                    assert reason in str(part["reason"])
                await hear_nothing(api)
            print(
                f"slowest answer beside {len(names)} that are no plugins: {max(asker.times):.3f} s"
            )
            await one_line_each(program, api)
            frame = await api.ask("one", "@Botkube early-exit now")
            check_failure(program, frame, "the gate/early-exit plugin is not running (")
            assert f": the plugin {BROKEN['early-exit']}" in text_of(frame)
            for mode in BROKEN:
                (folder / "cache" / "gate" / f"executor_v1.0.0_{mode}").unlink()
                put_sleeper(folder, mode)
            for mode in BROKEN:
                await becomes(api, f"plugin:gate/{mode}", "ready", within=60)
                frame = await api.ask("one", f"@Botkube {mode} 0")
                assert text_of(frame) == f"awake after {mode} 0"
    assert program.stop() == 0


async def hear_nothing(api: Api) -> None:
    """One that prints no handshake is waited for; the full gate waits until that is over."""
    assert (await parts(api))["plugin:gate/silent"]["state"] == "starting"
    if FULL:
        part = await becomes(api, "plugin:gate/silent", "retrying", within=70)
        assert "printed no handshake line within 60 s" in str(part["reason"])


async def one_line_each(program: Program, api: Api) -> None:
    """As many warnings as restarts were counted, all of them the same clear sentence."""
    for mode, reason in BROKEN.items():
        counted = await metric(api, f'botkube_plugin_restarts_total{{plugin="gate/{mode}"}}')
        lines = [x for x in complaints(program.log_lines()) if mode in x]
        assert 0 <= len(lines) - counted <= 1  # one more may have happened since it was counted
        assert all(f"plugin:gate/{mode} failed: " in x and reason in x for x in lines)
    assert not [x for x in complaints(program.log_lines()) if not x.startswith("plugin:gate/")]


async def test_a_plugin_given_up_says_so_to_everyone(folder: Path, launch: Launch) -> None:
    put_broken(folder, "early-exit")
    names = ["gate/early-exit", "gate/missing", "nowhere/missed"]
    program = launch(several(folder, executors=names, restarts={"threshold": 1}))
    reasons = {
        "gate/early-exit": "exited with code 3; its last words: cannot read the config",
        "nowhere/missed": "there is no repository nowhere: set plugins.repositories.nowhere.url",
    }
    with trio.fail_after(200):
        async with program.connected() as api:
            await becomes(api, f"plugin:{ECHO}", "ready")
            for name, reason in reasons.items():
                part = await becomes(api, f"plugin:{name}", "parked")
                assert reason in str(part["reason"])
                frame = await api.ask("one", f"@Botkube {name.partition('/')[2]} something")
                check_failure(program, frame, f"plugin {name} is not running: ")
                assert reason in text_of(frame)
                [line] = [
                    x
                    for x in complaints(program.log_lines())
                    if "is given up for now" in x and name in x
                ]
                assert reason in line
            assert (await api.client.get("/readyz")).status_code == 503
            part = await becomes(api, "plugin:gate/missing", "retrying")  # its server may come
            assert "plugins.invalid" in str(part["reason"])
            frame = await api.ask("one", "@Botkube missing something")
            check_failure(program, frame, "plugin gate/missing is not running: it is ")
            table = text_of(await api.ask("one", "@Botkube list executors"))
    rows = {line.split()[0]: line for line in table.splitlines() if line.strip()}
    assert "1/1" in rows["gate/early-exit"]
    assert "Deactivated" in rows["gate/early-exit"]
    assert "Deactivated" in rows["nowhere/missed"]
    assert "Restarting" in rows["gate/missing"] or "Starting" in rows["gate/missing"]
    assert "the plugin exited with code 3" in rows["gate/early-exit:"]  # why, below the table
    assert "there is no repository nowhere" in rows["nowhere/missed:"]
    assert "Running" in rows[ECHO]
