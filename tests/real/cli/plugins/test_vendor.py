"""`botkube plugins vendor` that is interrupted, and `install --from` beside a running instance."""

import re
import signal
import subprocess
from pathlib import Path

import pytest
import trio

from tests.fakes.installing import offer
from tests.fakes.instance import running
from tests.fakes.managing import Manager
from tests.fakes.program import command
from tests.fakes.repository import Answer, Asked, served

pytestmark = [pytest.mark.real, pytest.mark.slow]

INSTALL = "/api/v1/plugins/install"


async def test_a_running_instance_starts_what_came_out_of_a_bundle(tmp_path: Path) -> None:
    async with served() as server:
        server.put_index(offer(server), offer(server, name="q"))
        manager = Manager(tmp_path, server)
        bundle = tmp_path / "b.tar"
        made = await manager(f"vendor -o {bundle} --platform linux/amd64 --platform linux/amd64")
        assert made.returncode == 0, made.stderr
    step = {"plugin": "executor r/p", "stage": "done", "version": "v1.0.0", "text": "is there"}
    state_dir = tmp_path / "xdg" / "botkube"  # where a client looks by itself
    async with running(state_dir, {INSTALL: [step]}) as instance:
        done = await manager(f"install r/p --from {bundle}", configured=False)
        assert (done.returncode, "name its places with --config" in done.stderr) == (4, True), done
        assert instance.asked == []
    places = {
        "config_paths": (str(manager.config),),
        "cache_dir": str(tmp_path / "other"),  # as it is told, whatever the files say
        "lock_file": str(tmp_path / "lock"),
    }
    async with running(state_dir, {INSTALL: [step]}, **places) as instance:
        done = await manager(f"install r/p --from {bundle}", configured=False)
        assert done.returncode == 0, done.stderr
        assert done.stdout == "executor r/p: v1.0.0 is installed\n"
        assert [each.values for each in instance.asked] == [
            {"plugins": ["executor r/p"], "update": False}
        ]
        assert (tmp_path / "other" / "r" / "executor_v1.0.0_p").exists()
        assert not manager.cache.exists()
        verified = await manager("verify r/p", configured=False)
        assert (verified.returncode, str(tmp_path / "lock") in verified.stderr) == (0, True)
        told = await manager("info r/p", configured=False)
        assert "Installed:      v1.0.0 (ok)" in told.stdout
        some = await manager(f"install r/p r/none --from {bundle}", configured=False)
        assert (some.returncode, "executor r/none" in some.stderr) == (1, True), some
        assert instance.asked[1].values == {"plugins": ["executor r/p"], "update": False}
        instance.answers[INSTALL] = [{**step, "stage": "failed", "text": "it has another cache"}]
        done = await manager(f"install r/p --from {bundle} --output json", configured=False)
        assert (done.returncode, "it has another cache" in done.stderr) == (1, True)


async def test_how_much_it_is_and_that_no_configuration_is_named(tmp_path: Path) -> None:
    async with served() as server:
        server.put_index(offer(server), offer(server, name="q"))
        manager = Manager(tmp_path, server)
        bundle = tmp_path / "b.tar"
        made = await manager(f"vendor -o {bundle} --platform linux/amd64")
        assert re.search(r"b\.tar: \d files of \d KiB in all", made.stdout), made
    said = "the configuration in use is the embedded default: --config names another"
    bare = await manager(f"install r/p --from {bundle}", configured=False)
    assert (bare.returncode, said in bare.stderr) == (1, True), bare
    named = await manager(f"install r/p --from {bundle}")
    assert (named.returncode, said in named.stderr) == (0, False), named


async def test_interrupted_there_is_no_bundle(tmp_path: Path) -> None:
    async with served() as server:
        server.put_index(offer(server), offer(server, name="q"))
        manager = Manager(tmp_path, server)
        reached = trio.Event()

        def never(_: Asked) -> Answer:
            reached.set()
            return Answer(gate=trio.Event())

        server.pages["/p-v1.0.0.tar.gz"] = never
        where = ["--config", str(manager.config), "--state-dir", str(manager.state)]
        before = sorted(tmp_path.iterdir())
        with trio.fail_after(100):
            process = await trio.lowlevel.open_process(
                [*command(), "plugins", "vendor", "-o", str(tmp_path / "b.tar"), *where],
                env=manager.environ,
                stderr=subprocess.PIPE,
            )
            await reached.wait()
            process.send_signal(signal.SIGTERM)
            assert process.stderr is not None
            async with process.stderr:
                said = b"".join([piece async for piece in process.stderr])
            assert await process.wait() == 128 + signal.SIGTERM
        assert said.endswith(b"botkube: interrupted: there is no bundle\n")
        assert sorted(tmp_path.iterdir()) == before
