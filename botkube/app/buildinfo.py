"""What the build wrote down about itself: commit and the lowest libc it runs on.

Imports next to nothing: `botkube version` is to answer at once.
"""

import os
import sys
from typing import TYPE_CHECKING

from botkube import __version__

if TYPE_CHECKING:
    from typing import TypedDict

    class VersionInfo(TypedDict):
        """What `botkube version --output json` prints."""

        version: str
        commit: str
        platform: str
        python: str
        libc: str


PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120 - pathlib costs 10 ms


def version_info() -> "VersionInfo":
    """Everything about this program's version."""
    build = _built()
    uname = os.uname()
    return {
        "version": __version__,
        "commit": build.get("commit", "")[:12],
        "platform": f"{uname.sysname.lower()}/{uname.machine}",
        "python": ".".join(map(str, sys.version_info[:3])),
        "libc": build.get("libc", "").removeprefix("glibc "),
    }


def _built() -> dict[str, str]:
    """The build's own record; a source tree asks git and the libc it runs on."""
    try:
        text = _read(f"{PACKAGE}/_build.json")
    except OSError:
        return {"commit": _git_commit(), "libc": os.confstr("CS_GNU_LIBC_VERSION") or ""}
    import json  # noqa: PLC0415 - a source tree has no such file

    return dict(json.loads(text))


def _git_commit() -> str:
    """HEAD's commit, read from the files: starting git costs more than the rest of `version`."""
    git = f"{os.path.dirname(PACKAGE)}/.git"  # noqa: PTH120 - see above
    try:
        head = _read(f"{git}/HEAD").strip()
        name = head.removeprefix("ref: ")
        return head if name == head else _ref(git, name)
    except OSError:
        return ""


def _ref(git: str, name: str) -> str:
    try:
        return _read(f"{git}/{name}").strip()
    except FileNotFoundError:
        lines = [line.partition(" ") for line in _read(f"{git}/packed-refs").splitlines()]
        return next((commit for commit, _, ref in lines if ref == name), "")


def _read(path: str) -> str:
    with open(path, encoding="utf-8") as file:  # noqa: PTH123 - see above
        return file.read()
