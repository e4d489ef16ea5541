"""A Python with our modules that every user may run, for plugins that are not to be root."""

import os
import sys
from functools import cache
from pathlib import Path

import msgspec
import pytest

ROOT = Path(__file__).parents[2]
VERSION = f"python{sys.version_info[0]}.{sys.version_info[1]}"


class OpenPython(msgspec.Struct, frozen=True):
    """Where the interpreter is, and which directories it needs."""

    executable: str
    path: tuple[str, ...]

    def argv(self, script: Path, *arguments: str) -> tuple[str, ...]:
        """The command line of a script with our modules."""
        start = f"import runpy, sys; sys.path[:0] = {list(self.path)!r}; "
        start += f"sys.argv[:] = sys.argv[1:]; runpy.run_path({str(script)!r}, run_name='__main__')"
        return (self.executable, "-I", "-c", start, str(script), *arguments)

    @property
    def readable(self) -> tuple[str, ...]:
        """What a sandbox has to let it read."""
        return (*self.path, str(Path(self.executable).parents[1]))


@cache
def open_python() -> OpenPython:
    """Find one, or skip the test by naming what is closed."""
    import trio  # noqa: PLC0415 - to see where what is installed is

    modules = (str(ROOT), str(Path(trio.__file__).parents[1]))
    for candidate in (os.path.realpath(sys.executable), f"/usr/bin/{VERSION}"):
        if Path(candidate).exists() and not closed(candidate):
            break
    else:
        pytest.skip(f"no {VERSION} that other users may run: apt-get install {VERSION}")
    for place in modules:
        if shut := closed(place):
            pytest.skip(f"other users may not enter {shut}, which the modules are in")
    return OpenPython(candidate, modules)


def closed(path: str) -> str:
    """The first directory on the way that others may not enter, or ""."""
    for place in reversed(Path(path).parents):
        if not place.stat().st_mode & 0o001:
            return str(place)
    return ""
