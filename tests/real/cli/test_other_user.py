"""The plugin manager's commands run by another user than the service, and by root for it."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import trio

from tests.fakes.installing import offer
from tests.fakes.managing import Manager
from tests.fakes.openpython import open_python
from tests.fakes.repository import served

pytestmark = [
    pytest.mark.real,
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root to be another user"),
]

SOMEBODY = 61_999
MAIN = "from botkube.cli.main import main; main()"


@pytest.fixture
async def manager(tmp_path: Path) -> AsyncGenerator[Manager]:
    shared = Path(tempfile.gettempdir())
    for folder in (tmp_path, *(each for each in tmp_path.parents if shared in each.parents)):
        folder.chmod(0o755)
    async with served() as server:
        server.put_index(offer(server), offer(server, name="q"))
        manager = Manager(tmp_path, server)
        yield manager


def own(folder: Path) -> None:
    """Make a directory of theirs."""
    folder.mkdir(parents=True)
    os.chown(folder, SOMEBODY, SOMEBODY)


async def as_somebody(
    manager: Manager, *arguments: str | Path
) -> subprocess.CompletedProcess[bytes]:
    python = open_python()
    script = manager.folder / "botkube.py"
    script.write_text(MAIN)
    user = f"--reuid={SOMEBODY}", f"--regid={SOMEBODY}", "--clear-groups"
    argv = ["setpriv", *user, *python.argv(script, "plugins", *map(str, arguments))]
    with trio.fail_after(100):
        return await trio.run_process(
            argv,
            capture_stdout=True,
            capture_stderr=True,
            check=False,
            env=manager.environ,
            cwd="/",
            stdin=b"",
        )


def owners(folder: Path) -> set[int]:
    return {path.lstat().st_uid for path in [folder, *folder.rglob("*")]}


async def test_root_works_as_the_owner_of_cache_and_state(manager: Manager) -> None:
    own(manager.cache)
    own(manager.state)
    outside = manager.folder / "outside"
    outside.mkdir()
    (manager.cache / "downloads").symlink_to(
        outside
    )  # where root would write, and the owner may not
    refused = await manager("install r/p")
    assert refused.returncode == 1, refused
    assert not any(outside.iterdir())
    assert "Traceback" not in refused.stderr
    (manager.cache / "downloads").unlink()

    done = await manager("install")
    assert done.returncode == 0, done
    assert owners(manager.cache) | owners(manager.state) == {SOMEBODY}
    assert (await manager("verify")).returncode == 0
    assert (await manager("remove r/p")).returncode == 0
    assert owners(manager.state) == {SOMEBODY}


async def test_root_works_as_whom_a_link_of_its_own_or_the_lock_file_leads_to(
    manager: Manager,
) -> None:
    """As systemd does it for a dynamic user: /var/cache/botkube -> private/botkube."""
    private = manager.folder / "private"
    own(private / "cache")
    own(manager.state)
    manager.cache.symlink_to(private / "cache")
    done = await manager("install")
    assert done.returncode == 0, done
    assert owners(private / "cache") | owners(manager.state) == {SOMEBODY}
    manager.cache.unlink()
    again = await manager("install")  # the cache is to be made, where only root can
    assert again.returncode == 0, again
    assert owners(manager.cache) | owners(manager.state) == {SOMEBODY}


@pytest.mark.skipif(not shutil.which("setpriv"), reason="needs setpriv")
async def test_another_user_installs_for_itself(manager: Manager) -> None:
    for folder in (manager.cache, manager.state):
        own(folder)
    where = ("--config", manager.config, "--state-dir", manager.state)
    done = await as_somebody(manager, "install", *where)
    assert done.returncode == 0, done
    assert done.stdout.count(b"is installed") == 2
    assert owners(manager.cache) == {SOMEBODY}


@pytest.mark.skipif(not shutil.which("setpriv"), reason="needs setpriv")
async def test_another_user_may_not_ask_the_service(manager: Manager) -> None:
    manager.state.mkdir(mode=0o700)
    (manager.state / "instance.json").write_text("{}")
    for command in ("install", "list", "logs"):
        done = await as_somebody(
            manager, command, *(["r/p"] if command == "logs" else []), "--state-dir", manager.state
        )
        assert done.returncode == 4, done.stderr.decode()
        assert b"use sudo" in done.stderr
