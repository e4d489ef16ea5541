"""What a killed run leaves is ended at the next start, and nothing else is."""

import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import PIPE, Popen  # noqa: TID251 - children of a crashed run and bystanders

import pytest
import trio

from botkube.plugins.place import Place
from botkube.plugins.processes import boot_id, start_time
from botkube.plugins.records import Record, write_record
from botkube.plugins.sweep import sweep
from tests.fakes.plugins.rig import Rig, process_end, report

pytestmark = pytest.mark.real

HOST = """
import sys, trio
from pathlib import Path
from tests.fakes.plugins.rig import Rig, raw
async def main():
    rig = Rig(Path(sys.argv[1]))
    async with rig.running({"stubborn": raw("stubborn")}):
        while len(rig.processes()) < 2:
            await trio.sleep(0.01)
        print("up", end="", flush=True)
        await trio.sleep_forever()
trio.run(main)
"""


async def test_a_killed_run_is_swept(rig: Rig) -> None:
    process = await trio.lowlevel.open_process(
        [sys.executable, "-c", HOST, str(rig.root)], stdout=PIPE
    )
    assert process.stdout
    async with process.stdout:
        assert await process.stdout.receive_some() == b"up"
        process.kill()
        await process.wait()
    left = rig.processes()
    assert len(left) == 2
    begin = trio.current_time()
    assert await trio.to_thread.run_sync(sweep, rig.record_dir) == 2
    report(f"sweep of one plugin: {(trio.current_time() - begin) * 1000:.0f} ms")
    for pid in left:
        await process_end(pid)
    assert sweep(rig.record_dir) == 0


@pytest.fixture
def bystander() -> Iterator["Popen[bytes]"]:
    with Popen(["sleep", "300"], process_group=0) as process:
        yield process
        process.kill()


def record_of(rig: Rig, pid: int, *, start: int, boot: str) -> None:
    directory = rig.runtime_dir / "bk-00000001"
    record = Record(plugin="x/y", directory=str(directory), boot=boot, pid=pid, start=start)
    place = Place(record, rig.record_dir / "bk-00000001.json")
    place.make()
    write_record(rig.record_dir / "bk-00000001.json", record)
    (directory / "socket").touch()


async def test_another_process_with_the_same_number_is_left_alone(
    rig: Rig, bystander: "Popen[bytes]"
) -> None:
    started = start_time(bystander.pid)
    assert started
    record_of(rig, bystander.pid, start=started - 1, boot=boot_id())
    assert await trio.to_thread.run_sync(sweep, rig.record_dir) == 0
    record_of(rig, bystander.pid, start=started, boot="an earlier boot")
    assert sweep(rig.record_dir) == 0
    assert bystander.poll() is None
    record_of(rig, bystander.pid, start=started, boot=boot_id())
    assert sweep(rig.record_dir) == 1
    assert bystander.wait(60) == -signal.SIGKILL


async def test_a_process_started_but_not_yet_recorded_is_found_by_its_directory(rig: Rig) -> None:
    directory = rig.runtime_dir / "bk-00000002"
    record = Record(plugin="x/y", directory=str(directory), boot=boot_id())
    Place(record, rig.record_dir / "bk-00000002.json").make()
    environ = {"PATH": os.environ["PATH"], "PLUGIN_UNIX_SOCKET_DIR": str(directory)}
    child = Popen(["sleep", "300"], env=environ)  # noqa: ASYNC220 - a crashed run's child
    assert await trio.to_thread.run_sync(sweep, rig.record_dir) == 1
    assert child.wait(60) == -signal.SIGKILL
    assert not directory.exists()


def test_damaged_and_foreign_records_do_no_harm(tmp_path: Path) -> None:
    records, precious = tmp_path / "records", tmp_path / "precious"
    records.mkdir()
    precious.mkdir()
    (records / "a.json").write_text("{")
    (records / "b.json").write_text(
        json.dumps({"plugin": "x/y", "directory": str(precious), "boot": boot_id()})
    )
    (records / "c.new").write_text("")
    assert sweep(records) == 0
    assert precious.exists()
    assert not list(records.iterdir())


def test_nothing_to_sweep(tmp_path: Path) -> None:
    assert sweep(tmp_path / "absent") == 0
