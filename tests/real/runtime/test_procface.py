"""What a process shows of itself, as others read it."""

import os
import sys
from pathlib import Path
from subprocess import PIPE

import pytest
import trio

from botkube.runtime.procface import room_argument, with_room

pytestmark = pytest.mark.real

SHOW = """
import os, sys
from botkube.runtime import procface
argv, environ = [os.fsencode(x) for x in eval(sys.argv[1])], [os.fsencode(x) for x in eval(sys.argv[2])]
os.environ.clear()
try:
    procface.show(argv, environ)
except procface.NoRoom as error:
    print(error, flush=True)
else:
    os.environ["LATER"] = "x" * 500
    print("shown", os.popen("echo $LATER").read() == os.environ["LATER"] + "\\n", flush=True)
    sys.stdin.read()
"""
ENVIRON = {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[3])}


async def show(
    argv: list[str], environ: list[str], title: int, room: int
) -> tuple[bytes, list[bytes], list[bytes]]:
    """What it says, and what /proc says of it."""
    command = [sys.executable, "-c", SHOW, repr(argv), repr(environ), room_argument(title)]
    process = await trio.lowlevel.open_process(
        command, env=with_room(ENVIRON, room), stdin=PIPE, stdout=PIPE
    )
    with trio.fail_after(100):
        assert process.stdout is not None
        assert process.stdin is not None
        async with process.stdin, process.stdout:
            said = bytes(await process.stdout.receive_some()).strip()
            seen = [read(process.pid, name) for name in ("cmdline", "environ")]
        assert await process.wait() == 0
    return said, seen[0], seen[1]


def read(pid: int, name: str) -> list[bytes]:
    return Path(f"/proc/{pid}/{name}").read_bytes().rstrip(b"\0").split(b"\0")


async def test_words_and_variables_are_seen_exactly() -> None:
    argv, environ = ["botkube", "plugin", "serve", "echo"], ["A=1", "B=ä =", "C="]
    said, seen_argv, seen_environ = await show(argv, environ, 64, 4096)
    assert said == b"shown True"
    assert seen_argv == [b"botkube", b"plugin", b"serve", b"echo"]
    assert seen_environ == [b"A=1", "B=ä =".encode(), b"C="]


@pytest.mark.parametrize(("size", "fits"), [(4096, True), (50_000, False)])
async def test_room_is_made_in_advance_and_never_overrun(size: int, *, fits: bool) -> None:
    environ = ["A=" + "x" * size]
    said, _, seen = await show(["botkube"], environ, 64, 4096)
    if fits:
        assert seen == [environ[0].encode()]
    else:
        assert said.startswith(b"no room for an environment of 50003 bytes, there are ")
        assert b"PATH=" + os.environb[b"PATH"] in seen
