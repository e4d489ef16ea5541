"""What goes into the frozen program; build/pyinstaller.spec hands it to PyInstaller."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from libc_floor import lowest_glibc

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "botkube"

# Reached only by ways that the program does not take, or left by what is installed for development.
# A test runs every command of the frozen program: an exclude that is wrong fails when it is reached.
_INTERPRETER = (
    "tkinter _tkinter curses _curses readline pdb doctest unittest test lib2to3 ensurepip idlelib xmlrpc "
    "distutils _crypt nis ossaudiodev audioop spwd _dbm _gdbm _testcapi _xxsubinterpreters _multibytecodec "
    "_codecs_jp _codecs_hk _codecs_cn _codecs_kr _codecs_tw _codecs_iso2022"
)
_PACKAGES = (
    "setuptools pkg_resources _distutils_hack wheel pip pytest _pytest pluggy coverage hypothesis IPython "
    "greenlet uvloop winloop aioquic pydantic google grpc grpc_tools jinja2 black isort "
    "trio.testing betterproto.plugin betterproto.lib.pydantic"
)
EXCLUDES = [*_INTERPRETER.split(), *_PACKAGES.split()]
# What some of the excluded ones link to.
EXCLUDED_LIBRARIES = ("libreadline", "libtinfo", "libncurses")


# Imported by a name that is made up while the program runs: the one that finds out the shell, for its completion.
LATE = ("shellingham.posix", "shellingham.posix.proc", "shellingham.posix.ps")


def modules() -> Iterator[str]:
    """Every module of the program: many are imported late, where PyInstaller does not look."""
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def data_files() -> Iterator[tuple[str, str]]:
    """What is not code, such as the page and the embedded configuration, and the folder it goes to."""
    for path in sorted(PACKAGE.rglob("*")):
        if path.is_file() and path.suffix not in {".py", ".pyc"}:
            yield str(path), str(path.parent.relative_to(ROOT))


def write_facts(path: Path, *, version: str, commit: str, binaries: Iterable[Path]) -> str:
    """Write what `botkube version` says of a frozen program, and return the path."""
    facts = {"version": version, "commit": commit, "libc": lowest_glibc(binaries)}
    path.write_text(json.dumps(facts), "utf-8")
    return str(path)
