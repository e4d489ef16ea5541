"""The one-file executable's plugin manager, by another user than the service: without an instance, and with one."""

import os
import shutil
import tempfile
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import trio

from tests.fakes.installing import offer
from tests.fakes.managing import Manager
from tests.fakes.program import Program
from tests.fakes.repository import served

ONE_FILE = Path(__file__).parents[2] / "dist" / "botkube"
SERVICE, SOMEBODY = 61_998, 61_999

pytestmark = [
    pytest.mark.real,
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root to be other users"),
    pytest.mark.skipif(not shutil.which("setpriv"), reason="needs setpriv"),
    pytest.mark.skipif(
        not ONE_FILE.exists(), reason="dist/botkube is missing: scripts/build makes it"
    ),
]


def being(user: int) -> tuple[str, ...]:
    return "setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"


def own(folder: Path, user: int) -> Path:
    folder.mkdir()
    os.chown(folder, user, user)
    return folder


def owners(*folders: Path) -> set[int]:
    return {path.lstat().st_uid for folder in folders for path in [folder, *folder.rglob("*")]}


@pytest.fixture
async def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Manager]:
    shared = Path(tempfile.gettempdir())
    for folder in (tmp_path, *(each for each in tmp_path.parents if shared in each.parents)):
        folder.chmod(0o755)
    binary = tmp_path / "botkube"  # its own directory may be closed to others
    shutil.copy2(ONE_FILE, binary)
    monkeypatch.setenv("BOTKUBE_BINARY", str(binary))
    async with served() as server:
        server.put_index(offer(server), offer(server, name="q"))
        manager = Manager(tmp_path, server)
        manager.environ.pop("BOTKUBE_BINARY", None)
        yield manager


async def test_without_an_instance_it_works_for_the_user(manager: Manager) -> None:
    own(manager.cache, SOMEBODY)
    own(manager.state, SOMEBODY)
    listed = await manager("list", before=being(SOMEBODY))
    assert (listed.returncode, "missing" in listed.stdout) == (0, True), listed
    done = await manager("install", before=being(SOMEBODY))
    assert (done.returncode, done.stdout.count("v1.0.0 is installed")) == (0, 2), done
    listed = await manager("list", before=being(SOMEBODY))
    assert listed.stdout.count("v1.0.0") == 2, listed
    assert owners(manager.cache, manager.state) == {SOMEBODY}


async def test_with_an_instance_root_asks_it_and_others_are_told_to_use_sudo(
    manager: Manager,
) -> None:
    own(manager.cache, SERVICE)
    own(manager.state, SERVICE)
    text = manager.config.read_text().replace("enabled: true, context", "enabled: false, context")
    text = text.replace("r/q@^1: {enabled: true}", "r/q@^1: {enabled: false}")
    argv = *being(SERVICE), os.environ["BOTKUBE_BINARY"]
    home = {"HOME": str(manager.state)}
    program = Program(manager.folder, text, argv=argv, environ=home)
    where = "--state-dir", manager.state
    try:
        await trio.to_thread.run_sync(program.start)
        for command in ("list", "install r/p", "verify"):
            refused = await manager(command, *where, configured=False, before=being(SOMEBODY))
            assert (refused.returncode, "use sudo" in refused.stderr) == (4, True), refused
        done = await manager("install r/p", *where, configured=False)
        assert (done.returncode, "v1.0.0 is installed" in done.stdout) == (0, True), done
        listed = await manager("list", *where, configured=False)
        row = next(line for line in listed.stdout.splitlines() if line.startswith("r/p "))
        assert row.split()[:4] == ["r/p", "executor", "v1.0.0", "no"]
        verified = await manager("verify", *where, configured=False)  # in the instance's places
        assert (verified.returncode, "ok  executor r/p" in verified.stdout) == (0, True), verified
        assert owners(manager.cache, manager.state) == {SERVICE}
        assert await trio.to_thread.run_sync(program.stop) == 0
    finally:
        program.close()
