#!/usr/bin/env python3
"""Puts the plugins into one folder, named as an index of plugins wants them: `executor_disk_linux_amd64` and so on.

Each is its one file, started by the Python that `--python` names: that one needs the package `botkube`.
"""

import argparse
import platform
import sys
from pathlib import Path

HERE = Path(__file__).parent
PLUGINS = {"disk": "executor", "watchfile": "source", "webhook": "source"}
MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}


def main() -> None:
    """Write the files and print their paths."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", default=sys.executable, help="default: this one")
    parser.add_argument("--output", type=Path, default=HERE / "plugin-dist")
    parser.add_argument("--platform", action="append", help="OS/ARCHITECTURE; default: this one")
    given = parser.parse_args()
    for name, kind in PLUGINS.items():
        for system in given.platform or [this_platform()]:
            target = given.output / f"{kind}_{name}_{system.replace('/', '_')}"
            put(HERE / name / f"{name}.py", target, given.python)
            print(target)


def put(source: Path, target: Path, python: str) -> None:
    """Copy a plugin; its first line names the Python that has its packages, `-P` keeps it from its neighbours."""
    _, _, rest = source.read_text("utf-8").partition("\n")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(f"#!{python} -P\n{rest}", "utf-8")
    target.chmod(0o755)


def this_platform() -> str:
    """Return where this runs, in Go's words."""
    machine = platform.machine()
    return f"{platform.system().lower()}/{MACHINES.get(machine, machine)}"


if __name__ == "__main__":
    main()
