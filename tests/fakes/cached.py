"""Executor plugins of a few lines, put where a plugin cache keeps them."""

import sys
from pathlib import Path

RAW = Path(__file__).parent / "plugins" / "raw.py"
REPO = "gate"

# `sleeper S`: says so in a file beside it, sleeps, and says so again.
SLEEPER = """#!{python} -P
import pathlib
import trio
from botkube.sdk import ExecuteInput, Executor, NoConfig, serve


class Sleeper(Executor[NoConfig]):
    name = "{name}"
    version = "1.0.0"
    description = "Sleeps for as long as it is told."

    async def execute(self, request: ExecuteInput, config: NoConfig) -> str:
        with pathlib.Path(__file__ + ".trace").open("a") as file:
            file.write(request.command + "\\n")
        await trio.sleep(float(request.command.split()[1]))
        return "awake after " + request.command


serve(Sleeper())
"""

BROKEN = """#!{python} -IS
import runpy
import sys

sys.argv = ["raw.py", "{mode}"]
runpy.run_path("{raw}", run_name="__main__")
"""


def put_sleeper(folder: Path, name: str = "sleeper") -> Path:
    """A good plugin, in the cache of this folder."""
    return _put(folder, name, SLEEPER.format(python=sys.executable, name=name))


def put_broken(folder: Path, mode: str) -> Path:
    """A plugin called like its mode, see `tests/fakes/plugins/raw.py`."""
    return _put(folder, mode, BROKEN.format(python=sys.executable, mode=mode, raw=RAW))


def _put(folder: Path, name: str, text: str) -> Path:
    path = folder / "cache" / REPO / f"executor_v1.0.0_{name}"
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{name}")
    fresh.write_text(text)
    fresh.chmod(0o755)
    return fresh.replace(path)


def runs_of(path: Path) -> list[str]:
    """The commands that a sleeper began to run."""
    trace = Path(f"{path}.trace")
    return trace.read_text().splitlines() if trace.exists() else []
