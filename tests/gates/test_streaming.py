"""Commands while they run: their output in the chat, and stopping them for good."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import trio

from tests.fakes.bounds import bound
from tests.fakes.cached import put_sleeper, put_talker
from tests.fakes.gopeers import go_peers
from tests.fakes.processes import alive, note
from tests.fakes.program import Api, Frames, Program, text_of
from tests.gates.configs import several
from tests.gates.conftest import Launch
from tests.gates.looks import all_ready

pytestmark = [pytest.mark.real, pytest.mark.slow]

TALKER = "gate/talker"
SOON = bound(1, 20)  # seconds, for the first line and for the end


def body_of(frame: dict[str, object]) -> dict[str, object]:
    body = frame["body"]
    assert isinstance(body, dict)
    return body


async def partial(frames: Frames, command: str, wanted: Callable[[str], bool]) -> dict[str, object]:
    """The next frame of a running command whose text is as wanted."""
    while True:
        frame = await frames.next()
        body = body_of(frame)
        if frame["type"] == "typing" or body.get("reply_to") != command:
            continue
        assert "outcome" not in body, body
        if wanted(text_of(frame)):
            return frame


def complete(text: str) -> bool:
    """Whether all three processes have said who they are."""
    return text.count(" ") >= 3


async def stop_by_command(api: Api, frame: dict[str, object]) -> None:
    listed = text_of(await api.ask("one", "@Botkube list commands"))
    [row] = [line for line in listed.splitlines() if "talker" in line]
    await api.say("one", f"@Botkube cancel {row.split()[0]}")


async def stop_without_id(api: Api, frame: dict[str, object]) -> None:
    await api.say("one", "@Botkube cancel")


async def stop_by_button(api: Api, frame: dict[str, object]) -> None:
    click = {
        "user": "tester",
        "message": frame["id"],
        "element": "/sections/0/buttons/0",
        "kind": "button",
    }
    response = await api.client.post("/api/v1/interactions", json=click)
    assert response.status_code == 201, response.text


@pytest.mark.parametrize("stop", [stop_by_command, stop_without_id, stop_by_button])
async def test_a_minute_is_seen_at_once_and_stopped_at_once(
    folder: Path, launch: Launch, stop: Callable[[Api, dict[str, object]], object]
) -> None:
    put_talker(folder)
    program = launch(several(folder, executors=[TALKER]))
    with trio.fail_after(200):
        async with program.connected() as api, api.stream(after=0) as frames:
            await all_ready(api)
            began = trio.current_time()
            command = str((await api.say("one", "@Botkube talker go"))["id"])
            first = await partial(frames, command, lambda text: "began" in text)
            print(f"first line after {trio.current_time() - began:.2f} s")
            assert trio.current_time() - began < SOON
            whole = first
            if not complete(text_of(first)):
                whole = await partial(frames, command, complete)
            assert whole["id"] == first["id"]
            pids = [int(number) for number in re.findall(r"\d+", text_of(whole))]
            assert len(pids) == 3
            assert all(alive(pid) for pid in pids)
            asked = trio.current_time()
            await stop(api, whole)  # type: ignore[misc]
            final = await frames.reply_to(command)
            while any(map(alive, pids)):  # noqa: ASYNC110 - they are not our processes
                await trio.sleep(0.01)
            print(f"stopped after {trio.current_time() - asked:.2f} s")
            assert trio.current_time() - asked < SOON
    assert (final["type"], final["id"]) == ("update", first["id"])
    assert body_of(final)["outcome"] == "cancelled"
    assert "cancelled by tester" in str(final["body"])
    assert "began" in text_of(final)
    assert program.stop() == 0


async def test_a_go_plugin_is_cancelled_through(folder: Path, launch: Launch) -> None:
    go_peers().put(folder / "cache", "gate", "executor", "peer")
    program = launch(several(folder, executors=["gate/peer"]))
    with trio.fail_after(200):
        async with program.connected() as api, api.stream(after=0) as frames:
            await all_ready(api)
            commands = [
                str((await api.say("one", f"@Botkube peer {words}"))["id"])
                for words in (f"hang {folder}/context", f"sleep 60 {folder}/child")
            ]
            child = int(await note(folder / "child"))
            began = trio.current_time()
            await api.say("one", "@Botkube cancel")
            await api.say("one", "@Botkube cancel")
            for command in reversed(commands):
                assert body_of(await frames.reply_to(command))["outcome"] == "cancelled"
            assert await note(folder / "context") == "context canceled"
            while alive(child):  # noqa: ASYNC110 - it is not our process
                await trio.sleep(0.01)
            assert trio.current_time() - began < SOON
    assert program.stop() == 0


async def test_a_flood_is_bounded_and_a_crash_is_told(folder: Path, launch: Launch) -> None:
    put_talker(folder)
    put_sleeper(folder)
    program = launch(several(folder, executors=[TALKER, "gate/sleeper"]))
    with trio.fail_after(200):
        async with program.connected() as api:
            await all_ready(api)
            before = memory(program)
            said = await api.say("one", "@Botkube talker flood")
            seen: list[dict[str, object]] = []
            async with api.stream(after=int(str(said["seq"]))) as frames:
                assert (
                    text_of(await api.ask("one", "@Botkube sleeper 0")) == "awake after sleeper 0"
                )
                while not (seen and "outcome" in body_of(seen[-1])):
                    frame = await frames.next()
                    if body_of(frame).get("reply_to") == said["id"] and frame["type"] != "typing":
                        seen.append(frame)
            assert text_of(seen[-1]) == "flooded"
            assert all(len(text_of(frame)) < 70_000 for frame in seen)
            assert memory(program) - before < 48 * 2**20
            died = await api.ask("one", "@Botkube talker die")
            assert text_of(died).startswith("last words")
            assert "stopped while it ran your command" in str(died["body"])
            history = (await api.client.get("/api/v1/channels/one/history?limit=100")).json()
    edits = [
        f for f in history if f["type"] == "update" and f["body"].get("reply_to") == said["id"]
    ]
    assert len(edits) <= 1, "only the newest edit of a message is kept"
    assert program.stop() == 0


async def test_a_command_that_says_nothing_is_shown_and_killed_with_the_program(
    folder: Path, launch: Launch
) -> None:
    put_sleeper(folder)
    program = launch(several(folder, executors=["gate/sleeper"]))
    with trio.fail_after(200):
        async with program.connected() as api, api.stream(after=0) as frames:
            await all_ready(api)
            command = str((await api.say("one", "@Botkube sleeper 60"))["id"])
            shown = await partial(frames, command, lambda text: text == "Running…")
        assert program.process is not None
        program.process.kill()
        program.wait()
        program.start()
        async with program.connected() as api, api.stream(after=int(str(shown["seq"]))) as frames:
            final = await frames.reply_to(command)
    assert (final["type"], final["id"]) == ("update", shown["id"])
    assert "interrupted by a restart" in text_of(final)
    assert program.stop() == 0


def memory(program: Program) -> int:
    status = Path(f"/proc/{program.pid}/status").read_text()
    return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) * 1024
