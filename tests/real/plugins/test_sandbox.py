"""A hostile plugin in a sandbox: everything it tries is refused, and its ordinary work succeeds."""

import os
import shutil
import subprocess
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path

import msgspec
import pytest
import trio

from botkube.model.message import decode_message
from botkube.plugins.catalog import Program
from botkube.plugins.confine import Confinement, View, encode_order
from botkube.plugins.errors import PluginDown
from botkube.plugins.sandbox import Sandbox
from botkube.plugins.spawn import launcher_command
from botkube.plugins.sweep import sweep
from botkube.runtime.privileges import User
from tests.fakes.openpython import open_python
from tests.fakes.plugins.rig import HERE, Rig, process_end, quick_policy, serving

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to give plugins users of their own"),
]

PRISONER = HERE / "prisoner.py"
ONE, OTHER = User(61180, 61180), User(61181, 61181)
VIEWS: tuple[View, ...] = ("landlock", "mounts", "all")
EVERY_VIEW = pytest.mark.parametrize("view", VIEWS)
CLOSED: tuple[View, ...] = ("landlock", "mounts")


def prisoner() -> Program:
    return Program(argv=open_python().argv(PRISONER))


@cache
def missing(view: View) -> str:
    """Why this machine has no such view; "" if it has."""
    order = encode_order((), {}, Confinement(directory="/etc", view=view, user=ONE))
    done = subprocess.run(launcher_command(), input=order, capture_output=True, check=False)
    return done.stderr.decode().strip()


def sandbox(rig: Rig, view: View, user: User | None = ONE) -> Sandbox:
    if why := missing(view):
        pytest.skip(f"not on this machine: {why}")
    return Sandbox(
        user=user,
        view=view,
        readable=(*open_python().readable, str(HERE)),
        hidden=(str(rig.root / "state"), str(rig.runtime_dir)),
    )


@pytest.fixture
def rig(rig: Rig) -> Rig:
    """With a state directory that has something in it, and everything as open as it may be by mistake."""
    rig.root.chmod(0o711)
    state = rig.root / "state"
    state.mkdir()
    for name in ("state.db", "token", "instance.json"):
        (state / name).write_text("precious")
    return rig


@asynccontextmanager
async def imprisoned(rig: Rig, kept: Sandbox) -> AsyncGenerator[None]:
    async with rig.running({"prisoner": prisoner()}, sandbox=kept):
        yield


async def ask(rig: Rig, command: str) -> str:
    base = decode_message((await rig.ask("prisoner", command)).encode()).base_body
    return base.code_block or base.plaintext


async def refused(rig: Rig, command: str) -> str:
    answer = await ask(rig, command)
    assert answer.startswith("refused"), f"{command}: {answer}"
    return answer


async def allowed(rig: Rig, command: str) -> str:
    answer = await ask(rig, command)
    assert answer.startswith("ok "), f"{command}: {answer}"
    return answer.removeprefix("ok ")


def private_dir(rig: Rig) -> Path:
    [found] = [path for path in rig.runtime_dir.iterdir() if path.stat().st_uid == ONE.uid]
    return found


@EVERY_VIEW
async def test_ordinary_work_succeeds(rig: Rig, view: View) -> None:
    async with imprisoned(rig, sandbox(rig, view)):
        assert await allowed(rig, "echo hello") == "hello"
        assert await allowed(rig, "home") == " ".join([str(private_dir(rig))] * 3)
        assert await allowed(rig, "read /etc/hostname") == Path("/etc/hostname").read_text()
        assert "TMPDIR" in await allowed(rig, "variables")
        await allowed(rig, "write /dev/null")
        assert private_dir(rig).stat().st_mode & 0o777 == 0o700
    assert not rig.failures("prisoner")


@EVERY_VIEW
async def test_it_is_another_user_without_any_privilege(rig: Rig, view: View) -> None:
    async with imprisoned(rig, sandbox(rig, view)):
        who = dict(part.split(":") for part in (await allowed(rig, "who")).split())
    uid = str(ONE.uid) * 4
    assert (who["Uid"], who["Gid"], who["Groups"]) == (uid, uid, "")
    assert {int(who[name], 16) for name in ("CapEff", "CapPrm", "CapBnd")} == {0}
    assert who["NoNewPrivs"] == "1"


@EVERY_VIEW
async def test_privileges_are_not_regained(rig: Rig, view: View) -> None:
    shell = Path(shutil.copy("/bin/bash", rig.root / "shell"))
    shell.chmod(0o4755)
    kept = sandbox(rig, view)
    kept = msgspec.structs.replace(kept, readable=(*kept.readable, str(shell)))
    async with imprisoned(rig, kept):
        assert "not permitted" in await refused(rig, "become 0")
        assert await allowed(rig, f"run {shell}") == str(ONE.uid)  # set-user-ID root, for nothing
        for command in ("trace", "kill"):
            await refused(rig, f"{command} {os.getpid()}")
        await refused(rig, f"read /proc/{os.getpid()}/environ")
        await refused(rig, f"listed /proc/{os.getpid()}/root/")
        if view == "landlock":
            await refused(rig, f"mount {private_dir(rig)}")


@EVERY_VIEW
async def test_another_plugin_is_out_of_reach(rig: Rig, view: View) -> None:
    other = sandbox(rig, view, OTHER)
    program = Program(argv=open_python().argv(HERE / "serving.py"))
    async with rig.running({"other": program}, sandbox=other):
        await rig.ask("other", "echo up")
        [directory] = rig.runtime_dir.iterdir()
        [socket] = directory.iterdir()
        pid = rig.recorded("other")
        async with imprisoned(rig, sandbox(rig, view)):
            for command in (
                f"listed {directory}",
                f"write {directory}/x",
                f"connect {socket}",
                f"trace {pid}",
                f"kill {pid}",
                f"read /proc/{pid}/environ",
            ):
                await refused(rig, command)
            assert directory.name not in await ask(rig, f"listed {rig.runtime_dir}")
        assert await rig.ask("other", "echo alive") == "alive"


@pytest.mark.parametrize("view", CLOSED)
async def test_our_files_cannot_be_seen_however_open_they_are(rig: Rig, view: View) -> None:
    state = rig.root / "state"
    state.chmod(0o777)
    for file in state.iterdir():
        file.chmod(0o666)
    kept = msgspec.structs.replace(sandbox(rig, view), readable=(str(rig.root), "/work", "/tmp"))
    kept = msgspec.structs.replace(kept, readable=(*kept.readable, *sandbox(rig, view).readable))
    async with imprisoned(rig, kept):
        for name in ("state.db", "token", "instance.json"):
            for command in ("read", "write", "replace"):
                await refused(rig, f"{command} {state / name}")
        await refused(rig, f"listed {state}")
        await refused(rig, f"write {state}/new")
        await refused(rig, f"write {rig.root}/new")
    assert {file.read_text() for file in state.iterdir()} == {"precious"}


@pytest.mark.parametrize("view", CLOSED)
async def test_nothing_outside_can_be_written(rig: Rig, view: View) -> None:
    openly = rig.root / "open"
    openly.mkdir()
    openly.chmod(0o777)
    (openly / "file").write_text("untouched")
    (openly / "file").chmod(0o666)
    kept = sandbox(rig, view)
    kept = msgspec.structs.replace(kept, readable=(*kept.readable, str(openly)))
    async with imprisoned(rig, kept):
        assert await allowed(rig, f"read {openly / 'file'}") == "untouched"
        for command in ("write", "empty", "replace"):
            await refused(rig, f"{command} {openly / 'file'}")
        for place in (openly, Path("/tmp"), Path("/var/tmp"), Path("/dev/shm"), Path("/etc")):
            await refused(rig, f"write {place}/botkube-escaped")
    assert (openly / "file").read_text() == "untouched"


@pytest.mark.parametrize("view", CLOSED)
async def test_what_the_configuration_names_can_be_written(rig: Rig, view: View) -> None:
    named = rig.root / "named"
    named.mkdir()
    os.chown(named, ONE.uid, ONE.gid)
    kept = msgspec.structs.replace(sandbox(rig, view), writable=(str(named),))
    async with imprisoned(rig, kept):
        await allowed(rig, f"write {named}/file")
    assert (named / "file").read_text() == "mine"


async def test_ownership_alone_keeps_it_from_our_files(rig: Rig) -> None:
    (rig.root / "state").chmod(0o700)
    async with imprisoned(rig, sandbox(rig, "all")):
        for command in ("read", "write", "replace"):
            await refused(rig, f"{command} {rig.root}/state/token")


async def test_it_can_be_without_a_network(rig: Rig) -> None:
    async with trio.open_nursery() as nursery:
        listeners = await nursery.start(trio.serve_tcp, _answer, 0)
        url = f"http://127.0.0.1:{listeners[0].socket.getsockname()[1]}/"
        async with imprisoned(rig, sandbox(rig, "landlock")):
            assert await allowed(rig, f"fetch {url}") == "200"
        without = msgspec.structs.replace(sandbox(rig, "landlock"), network=False)
        async with imprisoned(rig, without):
            await refused(rig, f"fetch {url}")
            assert await allowed(rig, "echo still called") == "still called"
        nursery.cancel_scope.cancel()


async def _answer(stream: trio.SocketStream) -> None:
    await stream.receive_some()
    await stream.send_all(b"HTTP/1.0 200 OK\r\n\r\n")


async def test_what_hides_from_us_is_found_by_its_user(rig: Rig) -> None:
    async with imprisoned(rig, sandbox(rig, "landlock")):
        pid = int(await allowed(rig, "daemon"))
        assert Path(f"/proc/{pid}/environ").read_bytes().count(b"PLUGIN_UNIX_SOCKET_DIR") == 0
    with trio.fail_after(100):
        await process_end(pid)


async def test_a_directory_it_cannot_reach_is_named(rig: Rig) -> None:
    rig.root.chmod(0o700)
    settings = rig.settings(policy=quick_policy(restarts=5))
    async with rig.running({"x": prisoner()}, settings, sandbox=sandbox(rig, "landlock")):
        await rig.happens(lambda: bool(rig.parked("x")))
        text = f"the sandbox cannot be applied: user 61180 may not enter {rig.root}, "
        assert (rig.parked("x") or "").startswith(text)
        with pytest.raises(PluginDown, match="on the way to"):
            await rig.slots["x"].lease()


async def test_without_a_user_of_its_own_it_still_sees_nothing_of_ours(rig: Rig) -> None:
    """As for a Botkube that is not root: the same user, and Landlock between."""
    kept = sandbox(rig, "landlock", None)
    async with rig.running({"other": serving()}):
        await rig.ask("other", "echo up")
        async with imprisoned(rig, kept):
            assert "Uid:0000" in await allowed(rig, "who")
            for command in (
                f"read {rig.root}/state/token",
                f"write {rig.root}/state/token",
                "write /tmp/botkube-escaped",
                f"read /proc/{os.getpid()}/environ",
                f"trace {os.getpid()}",
                f"kill {rig.recorded('other')}",
                f"listed {rig.runtime_dir}",
            ):
                await refused(rig, command)


async def test_what_a_crash_left_of_another_user_is_swept(rig: Rig) -> None:
    directory = rig.runtime_dir / "bk-00000003"
    rig.runtime_dir.mkdir(mode=0o711)
    directory.mkdir(mode=0o700)
    os.chown(directory, ONE.uid, ONE.gid)
    (directory / "file").touch()
    record = f'{{"plugin":"x/y","directory":"{directory}","boot":"{_boot()}"}}'
    (rig.record_dir / "bk-00000003.json").write_text(record)
    hidden = await trio.lowlevel.open_process(
        ["/bin/sleep", "300"], env={}, user=ONE.uid, group=ONE.gid, extra_groups=[]
    )
    assert await trio.to_thread.run_sync(sweep, rig.record_dir) == 1
    with trio.fail_after(100):
        assert await hidden.wait() == -9
    assert not directory.exists()


def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
