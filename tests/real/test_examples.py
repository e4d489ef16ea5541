"""The example plugins pass their own tests; built and indexed they are a repository to install from."""

import os
import subprocess
import sys
from pathlib import Path

import minisign
import msgspec
import pytest
import trio

from botkube.model.plugin import parse_plugin_key
from botkube.packages.download.web import Access
from botkube.packages.index.choose import this_platform
from botkube.sdk.testing import PluginHarness
from tests.fakes.installing import Rig
from tests.fakes.program import command
from tests.fakes.repository import served

pytestmark = [pytest.mark.real, pytest.mark.slow]

EXAMPLES = Path(__file__).parents[2] / "examples"
INDEX = "plugins-index.yaml"


def python(*arguments: str | Path) -> str:
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=EXAMPLES,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("name", ["disk", "watchfile", "webhook"])
def test_each_passes_its_own_tests(name: str) -> None:
    python("-m", "pytest", "-q", "-p", "no:cacheprovider", name)
    assert os.access(EXAMPLES / name / f"{name}.py", os.X_OK)


def sign_key(folder: Path) -> Path:
    """A maintainer's key with a password, as `minisign -G` writes it."""
    secret = minisign.KeyPair.generate().secret_key
    secret.encrypt("open sesame", opslimit=32768, memlimit=1 << 20)
    path = folder / "my.key"
    path.write_bytes(bytes(secret) + b"\n")
    return path


def build_index(folder: Path, key: Path, password: str = "open sesame") -> dict[str, object]:
    """Make the index of a folder beside the plugins, as a maintainer does."""
    options = ["-o", str(folder / INDEX), "--sign-key", str(key), "--output", "json"]
    done = subprocess.run(
        [*command(), "plugins", "index", "build", str(folder), *options],
        env={**os.environ, "BOTKUBE_SIGN_PASSWORD": password},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    if done.returncode:
        return {"error": done.stderr}
    found: dict[str, object] = msgspec.json.decode(done.stdout)
    return found


async def test_they_are_a_repository_to_install_from(tmp_path: Path) -> None:
    dist, key = tmp_path / "dist", sign_key(tmp_path)
    built = python("build.py", "--output", dist, "--platform", this_platform()).splitlines()
    assert [Path(path).name for path in built] == [
        f"{plugin}_{this_platform().replace('/', '_')}"
        for plugin in ("executor_disk", "source_watchfile", "source_webhook")
    ]
    made = await trio.to_thread.run_sync(build_index, dist, key)
    before = (dist / INDEX).read_bytes()
    wrong = await trio.to_thread.run_sync(build_index, dist, key, "a guess")
    assert "wrong password" in str(wrong["error"])
    assert (dist / INDEX).read_bytes() == before
    async with served() as server:
        for file in dist.iterdir():
            server.put(f"/plugins/{file.name}", file.read_bytes())
        rig = Rig(tmp_path, server)
        home = f"{server.url}/plugins/{INDEX}"
        rig.change(access=Access(homes=(home,)), public_key=made["publicKey"], policy="require")
        with trio.fail_after(100):
            disk = await rig.install(parse_plugin_key("executor", "r/disk@^1"))
            webhook = await rig.install(parse_plugin_key("source", "r/webhook"))
            assert [path for path in server.paths if not path.endswith(".tar.gz")] == [
                f"/plugins/{INDEX}", f"/plugins/{INDEX}.minisig",
            ] * 2  # fmt: skip
            async with PluginHarness.start(disk.path) as plugin:
                assert (await plugin.metadata()).version == disk.version == "1.0.0"
                assert str(tmp_path) in (await plugin.execute(f"disk top {tmp_path}")).text
            async with PluginHarness.start(webhook.path) as plugin:
                event = await plugin.handle_external_request({"title": "It burns"})
                assert "It burns" in str(event.message)
