"""Judges what is in an archive and says which file is the executable. Pure.

Only that file is ever written, so no name in an archive decides where; one with names, links or devices that lead
elsewhere is refused all the same.
"""

import posixpath
from collections.abc import Iterable, Sequence
from typing import Final, Literal

import msgspec

from botkube.packages.errors import PackageRefused

Type = Literal["file", "folder", "link", "hard link", "other"]

_EXTENSIONS: Final = frozenset(("", ".exe", ".sh"))
_SHOWN: Final = 5


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """One thing in an archive; `target` is where a link leads."""

    name: str
    type: Type
    size: int = 0
    target: str = ""


def judge(members: Iterable[Member], *, most: int, unpacked: int) -> list[Member]:
    """Return the members with tidy names, after a look at each.

    Raises: PackageRefused at the first that has no place in a plugin's archive, or past a limit.
    """
    found: list[Member] = []
    total = 0
    for member in members:
        total += max(member.size, 0)
        if len(found) >= most:
            raise PackageRefused(f"the archive holds more than {most} files")
        if total > unpacked or member.size < 0:
            raise PackageRefused(f"the archive's files are larger than {unpacked >> 20} MiB")
        found.append(_judged(member))
    return found


def pick(members: Sequence[Member], folder: str, name: str) -> Member:
    """Return the file called `name` at the top of `folder`; without a name the first that can be an executable.

    Raises: PackageRefused if there is none, or if it cannot be told which one is meant.
    """
    prefix = "" if _tidy(folder) == "." else f"{_tidy(folder)}/"
    top = [m for m in members if _is_directly_below(m, prefix)]
    names = {m.name.removeprefix(prefix) for m in top if m.type != "folder"}
    wanted = name or min(filter(_may_be_executable, _files(top, prefix)), default="")
    chosen = [m for m in top if m.name == prefix + wanted and wanted and m.type != "folder"]
    where = f"in its folder {folder}" if folder else "at its top"
    if not chosen:
        what = f"no file {name}" if name else "no file that can be a plugin"
        raise PackageRefused(f"the archive has {what} {where}{_shown(names, members)}")
    if len(chosen) > 1:
        raise PackageRefused(f"the archive has {wanted} {where} {len(chosen)} times")
    if chosen[0].type != "file":
        raise PackageRefused(f"{wanted} in the archive is a {chosen[0].type}, not a file")
    return chosen[0]


def _judged(member: Member) -> Member:
    shown = member.name[:200]
    if _leads_out(member.name):
        raise PackageRefused(f"the archive holds {shown!r}, a name that leads out of it")
    if member.type == "other":
        raise PackageRefused(f"the archive holds {shown!r}, which is neither file, folder nor link")
    start = posixpath.dirname(member.name) if member.type == "link" else ""
    if member.target and _leads_out(posixpath.join(start, member.target)):
        raise PackageRefused(f"the archive holds {shown!r}, a link that leads out of it")
    return Member(name=_tidy(member.name), type=member.type, size=member.size)


def _leads_out(name: str) -> bool:
    # `a/../b` is inside, but no tool that packs plugins writes such a name.
    return name.startswith("/") or "\0" in name or _tidy(name).split("/")[0] == ".."


def _tidy(name: str) -> str:
    return posixpath.normpath(name)


def _is_directly_below(member: Member, prefix: str) -> bool:
    rest = member.name.removeprefix(prefix)
    return member.name.startswith(prefix) and bool(rest) and "/" not in rest and rest != "."


def _files(members: Iterable[Member], prefix: str) -> list[str]:
    return [m.name.removeprefix(prefix) for m in members if m.type == "file"]


def _may_be_executable(name: str) -> bool:
    dot = name.rfind(".")
    return not name.startswith(".") and (name[dot:] if dot >= 0 else "") in _EXTENSIONS


def _shown(names: Iterable[str], members: Sequence[Member]) -> str:
    there = sorted(names) or sorted({m.name for m in members if m.type == "file"})
    if not there:
        return "; it is empty"
    more = ", …" if len(there) > _SHOWN else ""
    return f"; there is {', '.join(there[:_SHOWN])}{more}; name a folder after // in the URL if it is deeper"
