"""How a process begins: its group, its pipes, what it inherits, and what cannot be started."""

import os
import sys
from pathlib import Path

import pytest
import trio

from botkube.plugins.confine import Confinement
from botkube.plugins.errors import PluginFailed, PluginUnusable
from botkube.plugins.spawn import Command, Spawned, spawn_by_exec

pytestmark = pytest.mark.real

LOOK = (
    "import os; print(os.getpgrp(), sorted(os.environ), sorted(os.listdir('/proc/self/fd'))[:-1])"
)


async def output(process: Spawned) -> bytes:
    assert process.stdout is not None
    assert process.stderr is not None
    async with process.stdout, process.stderr:
        with trio.fail_after(100):
            text = b"".join([bytes(part) async for part in process.stdout])
            assert await process.wait() == 0
    return text


async def test_a_group_of_its_own_and_nothing_inherited() -> None:
    inheritable = os.dup(0)
    os.set_inheritable(inheritable, True)  # noqa: FBT003 - takes it by position only
    try:
        argv = (sys.executable, "-IS", "-c", LOOK)
        process = await spawn_by_exec(Command(argv=argv, env={"ONLY": "this"}))
        seen = (await output(process)).decode()
    finally:
        os.close(inheritable)
    assert seen.startswith(f"{process.pid} ")
    assert "'LC_CTYPE', 'ONLY'" in seen or "['ONLY']" in seen  # Python adds the first to itself
    assert "['0', '1', '2']" in seen


async def test_what_is_no_program(tmp_path: Path) -> None:
    file = tmp_path / "file"
    with pytest.raises(PluginUnusable, match=r"cannot start .*/file: No such file"):
        await spawn_by_exec(Command(argv=(str(file),), env={}))
    file.write_bytes(b"\0text")
    file.chmod(0o755)
    with pytest.raises(PluginUnusable, match="Exec format error"):
        await spawn_by_exec(Command(argv=(str(file),), env={}))


async def test_what_cannot_be_started_now() -> None:
    with pytest.raises(PluginFailed, match="Argument list too long"):
        await spawn_by_exec(Command(argv=("/bin/true",), env={"X": "x" * 2**21}))


async def test_a_confined_one_is_started_by_a_launcher_and_sees_nothing_of_it(
    tmp_path: Path,
) -> None:
    argv = (sys.executable, "-IS", "-c", LOOK)
    confinement = Confinement(directory=str(tmp_path), open_files=99)
    process = await spawn_by_exec(Command(argv=argv, env={"ONLY": "this"}, confinement=confinement))
    seen = (await output(process)).decode()
    assert seen.startswith(f"{process.pid} ")  # the same process, so the same group
    assert "'LC_CTYPE', 'ONLY'" in seen or "['ONLY']" in seen
    assert "['0', '1', '2']" in seen


async def test_a_confined_one_that_cannot_be_started_says_so(tmp_path: Path) -> None:
    confinement = Confinement(directory=str(tmp_path))
    command = Command(argv=(str(tmp_path / "absent"),), env={}, confinement=confinement)
    assert await failure(command) == (
        125,
        f"botkube: cannot start {tmp_path}/absent: No such file or directory\n",
    )


async def test_a_confinement_that_cannot_be_had_starts_nothing(tmp_path: Path) -> None:
    confinement = Confinement(directory=str(tmp_path / "absent"))
    command = Command(argv=("/bin/true",), env={}, confinement=confinement)
    code, text = await failure(command)
    assert code == 125
    assert text.startswith("botkube: the sandbox cannot enter /")


async def failure(command: Command) -> tuple[int, str]:
    process = await spawn_by_exec(command)
    assert process.stdout is not None
    assert process.stderr is not None
    async with process.stdout, process.stderr:
        with trio.fail_after(100):
            text = b"".join([bytes(part) async for part in process.stderr])
            return await process.wait(), text.decode()
