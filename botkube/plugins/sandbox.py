"""What a sandbox leaves to one plugin, made into the confinement of one process.

System directories can be read, the private directory can be written, and nothing else unless the
configuration names it. Says nothing about how: `means` finds out what this system can do.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from botkube.plugins.catalog import Program
from botkube.plugins.confine import Confinement, View
from botkube.plugins.limits import Limits
from botkube.runtime.privileges import User

# What programs need to run at all: themselves, libraries, certificates, names and the kernel's reports.
SYSTEM: Final = (
    *("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/opt", "/nix/store"),
    *("/etc", "/var/lib/ca-certificates", "/proc", "/sys"),
)
_RESOLVER: Final = Path("/etc/resolv.conf")  # often a link, to a file that is replaced now and then


class Sandbox(msgspec.Struct, frozen=True, kw_only=True):
    """The sandbox of one plugin on this system; without a user it keeps ours."""

    user: User | None = None
    view: View = "all"
    readable: tuple[str, ...] = ()
    writable: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    network: bool = True

    def confinement(
        self, program: Program, directory: Path, limits: Limits, entrance: str = ""
    ) -> Confinement:
        """Say what is left to a process of that program (reads directories: call it in a thread).

        `entrance` is the file by which it joins its control group.
        """
        return Confinement(
            directory=str(directory),
            user=self.user,
            view=self.view,
            own=tuple(dict.fromkeys(_own(program))),
            readable=(*SYSTEM, *_resolver(), *self.readable),
            writable=self.writable,
            hidden=self.hidden,
            network=self.network,
            cgroup=entrance,
            open_files=limits.open_files,
            processes=limits.processes if self.user is not None else 0,
        )


def _own(program: Program) -> Iterator[str]:
    path = program.argv[0]
    yield path
    yield os.path.realpath(path)
    if program.dependency_dir:
        yield program.dependency_dir
    if program.own:
        yield from own_files()


def own_files() -> Iterator[str]:
    """Name the files and directories that this very program consists of."""
    if getattr(sys, "frozen", False):
        yield os.path.realpath(sys.executable)
        yield getattr(sys, "_MEIPASS", "")
        return
    for path in (sys.prefix, sys.base_prefix, *sys.path):
        if Path(path).is_absolute() and Path(path).exists():
            yield os.path.realpath(path)


def _resolver() -> tuple[str, ...]:
    return (str(_RESOLVER.resolve().parent),)
