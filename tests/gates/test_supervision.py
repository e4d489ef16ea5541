"""Plugins that fail, as users see it: restarted by hand, by signal, or with the whole program; told how they died."""

import json
import os
import re
import signal
from collections.abc import Mapping
from pathlib import Path

import pytest
import trio

from tests.fakes.cached import put_broken, put_flaky, put_shut, put_sleeper, put_talker
from tests.fakes.program import Api, text_of
from tests.gates.configs import several
from tests.gates.conftest import Launch
from tests.gates.looks import (
    all_ready,
    becomes,
    complaints,
    metric,
    plugin_pids,
    processes_of,
)
from tests.gates.test_plugins import check_failure

pytestmark = [pytest.mark.real, pytest.mark.slow]

SLEEPER = "gate/sleeper"


async def notices(api: Api, channel: str, plugin: str) -> list[Mapping[str, object]]:
    """What the program itself has said about a plugin in a channel."""
    page = await api.client.get(f"/api/v1/channels/{channel}/history?limit=500")
    frames = [frame for frame in page.json() if "reply_to" not in frame["body"]]
    return [frame for frame in frames if f"The `{plugin}` plugin" in text_of(frame)]


async def test_a_crash_loop_is_one_notice_and_one_recovery_in_every_channel(
    folder: Path, launch: Launch
) -> None:
    put_flaky(folder, 5)
    program = launch(several(folder, executors=["gate/flaky"], channels=["one", "two"]))
    with trio.fail_after(200):
        async with program.connected() as api, api.stream(after=0) as frames:
            heard = [await frames.next() for _ in range(4)]
            assert text_of(await api.ask("one", "@Botkube flaky")) == "alive"
            told = [await notices(api, channel, "gate/flaky") for channel in ("one", "two")]
            assert sorted(map(text_of, heard)) == sorted(text_of(x) for y in told for x in y)
            for found in told:
                check_notices(*found)
            counted = await metric(api, 'botkube_plugin_restarts_total{plugin="gate/flaky"}')
            assert counted == 5
    assert program.stop() == 0


def check_notices(broken: Mapping[str, object], back: Mapping[str, object]) -> None:
    print(text_of(broken), text_of(back), sep="\n")
    start = ":exclamation: The `gate/flaky` plugin does not work: it exited with code 3. "
    assert text_of(broken).startswith(start)
    assert "`@Botkube restart gate/flaky` " in text_of(broken)
    body = broken["body"]
    assert isinstance(body, dict)
    words, button = body["sections"]
    assert words["body"]["codeBlock"] == "cannot keep up\nfor long"
    assert button["buttons"][0]["command"] == "@Botkube restart gate/flaky"
    assert re.search(r"The `gate/flaky` plugin is back after [\d.]+ s\.", text_of(back))


async def test_a_plugin_given_up_comes_back_by_command(folder: Path, launch: Launch) -> None:
    put_broken(folder, "early-exit")
    program = launch(several(folder, executors=["gate/early-exit"], restarts={"threshold": 1}))
    with trio.fail_after(200):
        async with program.connected() as api:
            await becomes(api, "plugin:gate/early-exit", "parked")
            table = text_of(await api.ask("one", "@Botkube list executors"))
            assert re.search(r"\(tried again in (5 m|4 m \d+ s)\)$", table)
            unknown = text_of(await api.ask("one", "@Botkube restart early"))
            assert "There are: builtin/echo, gate/early-exit." in unknown
            put_sleeper(folder, "early-exit")
            said = text_of(await api.ask("one", "@Botkube restart early-exit"))
            assert "It had been given up: the plugin exited with code 3" in said
            await becomes(api, "plugin:gate/early-exit", "ready")
            answer = await api.ask("one", "@Botkube early-exit 0")
            assert text_of(answer) == "awake after early-exit 0"
            async with api.stream(after=0) as frames:
                while "is back after" not in text_of(await frames.next()):
                    pass
            told, back = await notices(api, "one", "gate/early-exit")
            assert re.search(
                r"It is given up for now and tried again in (5 m|4 m \d+ s); ", text_of(told)
            )
            assert "plugin is back after " in text_of(back)


async def test_a_plugin_given_up_comes_back_by_sighup(folder: Path, launch: Launch) -> None:
    put_broken(folder, "early-exit")
    program = launch(several(folder, executors=["gate/early-exit"], restarts={"threshold": 1}))
    with trio.fail_after(200):
        async with program.connected() as api:
            await becomes(api, "plugin:gate/early-exit", "parked")
            put_sleeper(folder, "early-exit")
            os.kill(program.pid, signal.SIGHUP)
            await becomes(api, "plugin:gate/early-exit", "ready")
            await all_ready(api)
    lines = [line for line in program.log_lines() if "trying again" in str(line["msg"])]
    assert [line["msg"] for line in lines] == [
        "SIGHUP: trying again what was given up: plugin:gate/early-exit"
    ]
    assert program.stop() == 0


async def test_a_running_plugin_is_restarted_in_order(folder: Path, launch: Launch) -> None:
    put_sleeper(folder)
    beat = {"interval": "50ms", "text": "run={run} n={n}."}
    program = launch(several(folder, executors=[SLEEPER], beat=beat, restarts={"threshold": 0}))
    with trio.fail_after(200):
        async with program.connected() as api, api.stream() as frames:
            await all_ready(api)
            before = plugin_pids(program)[SLEEPER]
            said = await api.say("one", "@Botkube sleeper 60")
            while not (folder / "cache/gate/executor_v1.0.0_sleeper.trace").exists():  # noqa: ASYNC110
                await trio.sleep(0.02)
            began = trio.current_time()
            await api.say("one", "@Botkube restart sleeper", "ann")
            ended = text_of(await frames.reply_to(str(said["id"])))
            print(f"told after {trio.current_time() - began:.2f} s")
            assert ended.endswith("the gate/sleeper plugin was restarted by ann.")
            await becomes(api, f"plugin:{SLEEPER}", "ready")
            assert text_of(await api.ask("one", "@Botkube sleeper 0")) == "awake after sleeper 0"
            assert plugin_pids(program)[SLEEPER] != before
            assert "1/0 " in text_of(await api.ask("one", "@Botkube list executors"))
            for _ in range(2):
                said = await api.ask("one", "@Botkube restart builtin/heartbeat")
                assert text_of(said) == "Restarting the `builtin/heartbeat` plugin."
                async with api.stream(after=int(str(said["seq"]))) as events:
                    while " n=1." not in str(await events.next()):
                        pass
    assert complaints(program.log_lines()) == []
    assert program.stop() == 0


async def test_restart_agent_ends_the_program_in_order(folder: Path, launch: Launch) -> None:
    put_sleeper(folder)
    program = launch(
        several(folder, executors=[SLEEPER], restarts={"threshold": 1, "type": "restartagent"})
    )
    with trio.fail_after(200):
        async with program.connected() as api:
            await all_ready(api)
            os.kill(plugin_pids(program)[SLEEPER], signal.SIGKILL)
            await becomes(api, f"plugin:{SLEEPER}", "retrying", "starting")
            await all_ready(api)
            os.kill(plugin_pids(program)[SLEEPER], signal.SIGKILL)
    assert program.wait() == 1
    assert program.log.read_text().rstrip().endswith("the plugin was killed by SIGKILL")
    assert processes_of(program) == []
    assert complaints(program.log_lines())[-1] == (
        f"plugin:{SLEEPER} failed too often, the program ends: the plugin was killed by SIGKILL"
    )
    program.start()  # as systemd or Kubernetes would
    with trio.fail_after(200):
        async with program.connected() as api:
            await all_ready(api)
            told = (await notices(api, "one", SLEEPER))[-1]
    assert "does not work: it was killed by SIGKILL. " in text_of(told)
    assert "Botkube ends because of it" in text_of(told)
    assert program.stop() == 0


async def test_a_command_is_told_at_once_how_its_plugin_died(folder: Path, launch: Launch) -> None:
    put_talker(folder)
    program = launch(several(folder, executors=["gate/talker"]))
    with trio.fail_after(200):
        async with program.connected() as api:
            await all_ready(api)
            began = trio.current_time()
            frame = await api.ask("one", "@Botkube talker die")
            took = trio.current_time() - began
    print(f"told after {took:.2f} s")
    assert took < 30
    sentence = (
        "the gate/talker plugin stopped while it ran your command: "
        "it exited with code 3; its last words: cannot go on"
    )
    check_failure(program, frame, sentence)


async def test_a_source_whose_stream_does_not_open_is_listed_so_and_its_log_says_why(
    folder: Path, launch: Launch
) -> None:
    put_shut(folder)
    config = json.loads(several(folder, beat={}))
    config["sources"]["beat"] = {"gate/shut": {"enabled": True}}
    program = launch(json.dumps(config))
    with trio.fail_after(200):
        async with program.connected() as api:
            await becomes(api, "source:beat", "retrying")
            rows = (await api.client.get("/api/v1/plugins")).json()
            [row] = [row for row in rows if row["plugin"] == "gate/shut"]
            assert row["state"] == "retrying"
            assert row["reason"].startswith("the stream of beat is not open: ")
            url = "/api/v1/plugins/logs?plugin=gate/shut"
            lines = (await api.client.get(url)).text.splitlines()
            [line, *_] = [line for line in lines if "source:beat failed: " in line]
            assert "the door is shut" in line
    assert program.stop() == 0
