"""A disk without room and a damaged file: nothing counts that is not stored, everyone is told, and it goes on."""

import os
import random
import re
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest
import trio

from tests.fakes.cached import put_sleeper, runs_of
from tests.fakes.program import Api, Program, text_of, until
from tests.gates.configs import several
from tests.gates.conftest import Launch
from tests.gates.looks import all_ready, complaints, metric, parts
from tests.gates.test_kill import final, history, shown, waiting

pytestmark = [pytest.mark.real, pytest.mark.slow, pytest.mark.alone]

CHANNELS = ("one", "two")
FULL = "state.db did not take a write: database or disk is full"


def padded(count: int) -> dict[str, object]:
    """Events of 40 kB, this many of them."""
    return {"interval": "10ms", "size": 40_000, "count": count, "text": "run={run} n={n}."}


def rows(program: Program, query: str) -> list[tuple[object, ...]]:
    """What the file holds, by a connection of our own."""
    with closing(sqlite3.connect(program.state_dir / "state.db", timeout=10)) as connection:
        found = connection.execute(query).fetchall()
        connection.commit()
    return found


@contextmanager
def mounted(path: Path, size: str) -> Iterator[None]:
    """A disk of this size at the path."""
    if os.geteuid() != 0:
        pytest.skip("mount is missing: only root can mount a small disk")
    path.mkdir(mode=0o700)
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "gate", path], check=True
    )
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", path], check=True)


async def test_at_its_own_limit_it_makes_room_by_itself(folder: Path, launch: Launch) -> None:
    settings = {"store": {"maxSize": "4Mi"}}
    config = several(folder, channels=CHANNELS, beat=padded(400), settings=settings)
    program = launch(config)
    with trio.fail_after(200):
        async with program.connected() as api:
            while await metric(api, "botkube_events_received_total") < 400:  # noqa: ASYNC110 - another program counts
                await trio.sleep(0.05)
            await trio.to_thread.run_sync(wait_until_delivered, program)
            await all_ready(api)
            assert text_of(await api.ask("one", "@Botkube echo again")) == "echo again"
    assert "oldest rows were removed" in "\n".join(str(x["msg"]) for x in program.log_lines())
    assert program.stop() == 0


async def test_on_a_disk_without_room(folder: Path, launch: Launch) -> None:
    put_sleeper(folder)
    config = several(folder, executors=["gate/sleeper"], channels=CHANNELS, beat=padded(250))
    with mounted(folder / "state", "16m"):
        program = launch(config)
        filler = program.state_dir / "filler"

        def fill() -> None:
            with filler.open("wb") as file:
                file.write(bytes(8 * 2**20))

        with trio.fail_after(200):
            await no_room(program, 250, fill, filler.unlink)
        assert program.stop() == 0


async def no_room(
    program: Program, events: int, fill: Callable[[], None], free: Callable[[], None]
) -> None:
    async with program.connected() as api, api.stream() as frames:
        await all_ready(api)
        running = str((await api.say("one", "@Botkube sleeper 4"))["id"])
        fill()
        reason = await trouble(api)
        assert FULL in reason
        refused, accepted = await refusals(api)
        assert await counted_is_stored(program, api) < events
        assert (await api.client.get("/livez")).status_code == 200
        assert history_works(program)
        began = trio.current_time()
        free()
        await all_ready(api)
        print(f"ready {trio.current_time() - began:.1f} s after there was room again")
        assert text_of(await frames.reply_to(running)) == "awake after sleeper 4"
        assert text_of(await api.ask("one", "@Botkube echo again")) == "echo again"
        await all_counted(program, api, events)
        await trio.to_thread.run_sync(wait_until_delivered, program)
    check_commands(program, accepted, refused)
    check_events(program, events)
    plugin = program.folder / "cache" / "gate" / "executor_v1.0.0_sleeper"
    assert len(runs_of(plugin)) == 1 + len([x for x in accepted if "sleeper" in x])
    lines = complaints(program.log_lines())
    assert FULL in lines
    assert lines.index("state.db takes writes again") > lines.index(FULL)


async def trouble(api: Api) -> str:
    """Wait until `/readyz` says why the source and the platform do not work."""
    while True:
        found = await parts(api)
        broken = {name: part for name, part in found.items() if part["state"] != "ready"}
        if {"source:beat", "platform:default-playground"} <= broken.keys():
            assert (await api.client.get("/readyz")).status_code == 503
            return str(broken["source:beat"]["reason"])
        await trio.sleep(0.02)


async def refusals(api: Api) -> tuple[list[str], dict[str, str]]:
    """Say commands until three were refused; what still found room on a page counts as accepted."""
    refused: list[str] = []
    accepted: dict[str, str] = {}
    for number in range(200):
        text = f"@Botkube sleeper 0.{number:03} {'x' * 500}"
        response = await api.post("one", text)
        if response.status_code == 201:
            accepted[text] = str(response.json()["id"])
            continue
        assert response.status_code == 503, response.text
        assert response.json().keys() == {"error"}
        assert response.json()["error"] == f"not accepted, nothing was run: {FULL}"
        refused.append(text)
        if len(refused) == 3:
            break
    assert len(refused) == 3
    return refused, accepted


async def counted_is_stored(program: Program, api: Api) -> int:
    """What /metrics calls received was stored, though it may have gone; returns how many were."""
    counted = int(await metric(api, "botkube_events_received_total"))
    stored = int(
        str(
            rows(program, "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'event'")[
                0
            ][0]
        )
    )
    assert counted <= stored
    return counted


async def all_counted(program: Program, api: Api, events: int) -> None:
    while True:
        if await counted_is_stored(program, api) == events:
            return
        await trio.sleep(0.05)


def history_works(program: Program) -> bool:
    with program.http() as client:
        return bool(history(client, "one"))


def check_commands(program: Program, accepted: dict[str, str], refused: list[str]) -> None:
    """Each command accepted is answered once; of one refused there is no trace."""
    with program.http() as client:
        frames = history(client, "one")
    answered = [b.get("reply_to") for x in frames if isinstance(b := x["body"], dict)]
    for command in accepted.values():
        assert answered.count(command) == 1
    shown_texts = {text_of(x) for x in frames}
    assert not shown_texts & set(refused)


def wait_until_delivered(program: Program) -> None:
    with program.http() as client:
        while waiting(client):
            time.sleep(0.05)


def check_events(program: Program, events: int) -> None:
    """Every channel shows the one run whole."""
    with program.http() as client:
        runs = [shown(history(client, name)) for name in CHANNELS]
    assert [list(x.values()) for x in runs] == [[list(range(1, events + 1))]] * len(CHANNELS)


async def test_without_room_it_stops_in_time_and_owes_the_answer(
    folder: Path, launch: Launch
) -> None:
    put_sleeper(folder)
    settings = {"shutdownTimeout": "14s"}
    config = several(
        folder, executors=["gate/sleeper"], channels=CHANNELS, beat=padded(250), settings=settings
    )
    with mounted(folder / "state", "16m"):
        program = launch(config)
        filler = program.state_dir / "filler"
        with trio.fail_after(200):
            async with program.connected() as api:
                asked = str((await api.say("one", "@Botkube sleeper 2"))["id"])
                filler.write_bytes(bytes(8 * 2**20))
                await trouble(api)
                await refusals(api)
            began = time.monotonic()
            assert await trio.to_thread.run_sync(program.stop) == 0
            print(f"SIGTERM without room: exit 0 after {time.monotonic() - began:.1f} s")
            filler.unlink()
            program.start()
            await until(lambda: bool(final(program, asked)))
        [answer] = final(program, asked)
        assert program.stop() == 0
    assert "interrupted" in text_of(answer) or text_of(answer) == "awake after sleeper 2"


def garbage_header(file: Path) -> None:
    with file.open("r+b") as handle:
        handle.write(random.Random(1).randbytes(100))


def flipped_pages(file: Path) -> None:
    pages = file.stat().st_size // 4096
    with file.open("r+b") as handle:
        for page in range(2, pages):
            handle.seek(page * 4096)
            handle.write(random.Random(page).randbytes(200))


@pytest.mark.parametrize("damage", [garbage_header, flipped_pages])
def test_a_damaged_file_is_moved_aside_and_everyone_is_told(
    folder: Path, launch: Launch, damage: Callable[[Path], None]
) -> None:
    program = launch(several(folder, channels=CHANNELS, beat={"interval": "10ms"}))
    newest = trio.run(newest_seq, program)
    assert program.stop() == 0
    damage(program.state_dir / "state.db")
    program.start()
    check_replaced(program, newest)
    assert program.stop() == 0


async def newest_seq(program: Program) -> int:
    """Have some frames, and return the highest seq."""
    async with program.connected() as api, api.stream() as frames:
        await all_ready(api)
        await api.ask("one", "@Botkube echo before")
        return [int(str((await frames.next())["seq"])) for _ in range(50)][-1]


def check_replaced(program: Program, newest: int) -> None:
    [aside] = program.state_dir.glob("state.db.damaged-*[0-9]Z")
    [line] = [x for x in program.log_lines() if "is damaged" in str(x["msg"])]
    assert line["level"] == "error"
    assert str(aside) in str(line["msg"])
    for channel in CHANNELS:
        with program.http() as client:
            frames = history(client, channel)
        assert [x for x in frames if aside.name in str(x["body"])], f"{channel} was told nothing"
        assert min(int(str(x["seq"])) for x in frames) > newest
    trio.run(works, program, newest)


async def works(program: Program, seq: int) -> None:
    """Commands are answered, and a client that remembers a seq of the old file misses nothing."""
    with trio.fail_after(200):
        async with program.connected() as api, api.stream(after=seq) as frames:
            said = await api.say("one", "@Botkube echo after")
            assert text_of(await frames.reply_to(str(said["id"]))) == "echo after"


def test_damage_while_it_runs_ends_it_and_the_next_start_goes_on(
    folder: Path, launch: Launch
) -> None:
    program = launch(several(folder, channels=CHANNELS, beat={"interval": "10ms"}))
    newest = trio.run(newest_seq, program)
    rows(program, "PRAGMA wal_checkpoint(TRUNCATE)")
    flipped_pages(program.state_dir / "state.db")
    began = time.monotonic()
    trio.run(use_until_it_ends, program)
    assert program.wait(60) == 1
    print(f"damage while running: exit 1 after {time.monotonic() - began:.1f} s")
    [told] = [x for x in program.log.read_text().splitlines() if x.startswith("botkube: ")]
    assert re.search("malformed|damaged|corrupt", told)
    assert "the next start moves the file aside" in told
    assert "Traceback" not in program.log.read_text()
    assert not (program.state_dir / "instance.json").exists()
    program.start()
    check_replaced(program, newest)
    assert program.stop(signal.SIGTERM) == 0


async def use_until_it_ends(program: Program) -> None:
    """Read and write what is damaged; nothing of it may be acknowledged for ever."""
    assert program.process is not None
    with trio.fail_after(200):
        async with program.connected() as api:
            while program.process.poll() is None:
                try:
                    await api.post("one", "@Botkube echo during")
                    await api.client.get("/api/v1/channels/one/history?limit=500")
                except httpx.HTTPError:
                    await trio.sleep(0.05)
