"""What the build wrote down about itself: commit and the lowest libc it runs on.

Imports little: `botkube version` is to answer at once.
"""

import json
import os
import sys
from pathlib import Path
from typing import TypedDict

from botkube import __version__

FILE = Path(__file__).parents[1] / "_build.json"


class VersionInfo(TypedDict):
    """What `botkube version --output json` prints."""

    version: str
    commit: str
    platform: str
    python: str
    libc: str


def version_info() -> VersionInfo:
    """Everything about this program's version."""
    build = _built()
    uname = os.uname()
    return VersionInfo(
        version=__version__,
        commit=build.get("commit", "")[:12],
        platform=f"{uname.sysname.lower()}/{uname.machine}",
        python=".".join(map(str, sys.version_info[:3])),
        libc=build.get("libc", ""),
    )


def _built() -> dict[str, str]:
    """The build's own record; a source tree asks git and the libc it runs on."""
    try:
        return dict(json.loads(FILE.read_bytes()))
    except OSError:
        return {"commit": _git_commit(), "libc": os.confstr("CS_GNU_LIBC_VERSION") or ""}


def _git_commit() -> str:
    """HEAD's commit, read from the files: starting git costs more than the rest of `version`."""
    git = Path(__file__).parents[2] / ".git"
    try:
        head = (git / "HEAD").read_text("ascii").strip()
        name = head.removeprefix("ref: ")
        commit = head if name == head else _ref(git, name)
    except OSError:
        return ""
    return commit


def _ref(git: Path, name: str) -> str:
    loose = git / name
    if loose.exists():
        return loose.read_text("ascii").strip()
    for line in (git / "packed-refs").read_text("ascii").splitlines():
        commit, _, ref = line.partition(" ")
        if ref == name:
            return commit
    return ""
