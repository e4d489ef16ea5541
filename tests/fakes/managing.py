"""`botkube plugins …` as a process, on a configuration with a repository `r`."""

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import trio

from tests.fakes.program import command
from tests.fakes.repository import Repository

CONFIG = """
plugins:
  cacheDir: {cache}
  repositories: {{r: {{url: {url}}}, gone: {{url: 'http://127.0.0.1:9/index.yaml'}}}}
executors:
  tools:
    r/p: {{enabled: true, context: {{rbac: {{group: {{type: Static, static: {{values: [viewers]}}}}}}}}}}
    r/q@^1: {{enabled: true}}
    r/off: {{enabled: false}}
communications:
  default:
    playground: {{enabled: true, channels: {{general: {{name: general, bindings: {{executors: [tools]}}}}}}}}
"""


class Manager:
    """A state directory, a cache and a configuration of their own."""

    def __init__(self, folder: Path, server: Repository) -> None:
        self.folder = folder
        self.cache = folder / "cache"
        self.state = folder / "state"
        self.config = folder / "config.yaml"
        self.config.write_text(
            CONFIG.format(cache=self.cache, url=f"{server.url}/index.yaml"), encoding="utf-8"
        )
        self.environ = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("BOTKUBE_", "XDG_"))},
            "HOME": str(folder),
            "XDG_STATE_HOME": str(folder / "xdg"),
        }

    async def __call__(
        self, text: str, *more: str | Path, configured: bool = True, before: Sequence[str] = ()
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        where = ["--config", self.config, "--state-dir", self.state] if configured else []
        argv = [*before, *command(), "plugins", *text.split(), *map(str, [*more, *where])]
        with trio.fail_after(100):
            done = await trio.run_process(
                argv,
                capture_stdout=True,
                capture_stderr=True,
                check=False,
                env=self.environ,
                stdin=b"",
            )
        return subprocess.CompletedProcess(
            argv, done.returncode, done.stdout.decode(), done.stderr.decode()
        )

    @property
    def locked(self) -> Mapping[str, str]:
        """The versions in the lock file."""
        lock = json.loads((self.state / "plugins.lock").read_text())
        return {name: entry["version"] for name, entry in lock["plugins"].items()}
