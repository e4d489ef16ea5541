"""Kills what is done to a plugin at chosen points: `killed.py FOLDER URL POINTS SCENARIO` (a real process, forked for
each point). A scenario of `SCENARIOS` is what is done first, whole, and what is killed and then done again.

Points are audit events of the interpreter on paths below the folder (open, rename, mkdir, link, remove, …) and
calls of the installer's progress: the same ones in the same order for the same install.
"""

import importlib
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Final

import trio

from botkube.packages.cache.objects import collect
from botkube.packages.download.web import Access
from botkube.packages.install import Installer
from botkube.runtime.http import trusted_authorities
from tests.fakes.bundles import received
from tests.fakes.installing import KEY, Rig
from tests.fakes.repository import Repository, sha256

EVENTS = frozenset((
    "open", "os.rename", "os.mkdir", "os.symlink", "os.remove", "os.chmod", "os.rmdir", "os.truncate", "os.link",
))  # fmt: skip

LATE = ("anyio", "encodings.idna", "h2.connection", "httpcore", "stamina.instrumentation", "trio")


class Counter:
    """Counts the points of this process, and ends it at one of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = os.fsencode(folder)
        self.count = 0
        self.last = sys.maxsize

    def audit(self, event: str, arguments: tuple[object, ...]) -> None:
        """Take an audit event."""
        if event in EVENTS and any(self._is_ours(argument) for argument in arguments):
            self.step()

    def step(self) -> None:
        """Take a point."""
        self.count += 1
        if self.count == self.last:
            os.kill(os.getpid(), signal.SIGKILL)

    def _is_ours(self, argument: object) -> bool:
        text = os.fsencode(argument) if isinstance(argument, str | bytes | os.PathLike) else b""
        return text.startswith(self.folder)


def main() -> None:
    """Count the points, then kill at so many of them; print what was found as JSON."""
    folder, url, points = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    prepare, act = SCENARIOS[sys.argv[4]]
    counter = Counter(folder)
    sys.addaudithook(counter.audit)
    trusted_authorities()  # once for all children, and so is what an install loads late
    for name in LATE:
        importlib.import_module(name)
    total = count_points(counter, folder / "whole", url, prepare, act)
    chosen = sorted({1 + round(i * (total - 1) / (points - 1)) for i in range(points)})
    for number in chosen:
        place = folder / f"at-{number}"
        place.mkdir()
        assert run(counter, place, url, prepare) == 0, number
        counter.count, counter.last = 0, number
        assert run(counter, place, url, act) == -signal.SIGKILL, number
        counter.last = sys.maxsize
        half = look(place, url)
        assert run(counter, place, url, act) == 0, number
        say({"point": number, "half": half, "then": look(place, url), "left": left(place)})
    say({"points": total})


def say(found: dict[str, object]) -> None:
    """Print one line of JSON."""
    sys.stdout.write(json.dumps(found) + "\n")


def count_points(counter: Counter, place: Path, url: str, prepare: "Act", act: "Act") -> int:
    """Do it once and report how many points there were, by a pipe from the child."""
    place.mkdir()
    assert run(counter, place, url, prepare) == 0
    reader, writer = os.pipe()
    counter.count = 0
    assert run(counter, place, url, act, writer) == 0
    return int(os.read(reader, 20))


def run(counter: Counter, place: Path, url: str, act: "Act", report: int = -1) -> int:
    """Do it in a child; returns how it ended."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            trio.run(bounded, act, counter, place, url)
            if report >= 0:
                os.write(report, str(counter.count).encode())
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


async def bounded(act: "Act", counter: Counter, place: Path, url: str) -> None:
    """Do it, but not for ever."""
    with trio.fail_after(60):
        await act(counter, place, url)


async def nothing(_counter: Counter, _place: Path, _url: str) -> None:
    """A cache that nobody has used yet."""
    await trio.lowlevel.checkpoint()


async def install(counter: Counter, place: Path, url: str) -> None:
    """Install version 1, then update to 2, so that there is something to lose."""
    rig = rig_at(place, url)
    async with rig.opened() as installer:
        await one(installer, counter, update=False)
    rig.change(access=Access(homes=(f"{url}/second.yaml",)))
    async with rig.opened() as installer:
        await one(installer, counter, update=True)


async def remove(_counter: Counter, place: Path, url: str) -> None:
    """Remove it, and tidy up as the command and every start of the program do."""
    rig = rig_at(place, url)
    async with rig.opened() as installer:
        await installer.remove(KEY)
    collect(rig.root, rig.lock, float("inf"))


async def roll_back(_counter: Counter, place: Path, url: str) -> None:
    """Go back to version 1, unless that is where it is."""
    rig = rig_at(place, url)
    locked = rig.lock.get(KEY)
    if locked is not None and locked.version != "v1.0.0":
        async with rig.opened() as installer:
            await installer.roll_back(KEY)


async def install_from(_counter: Counter, place: Path, url: str) -> None:
    """Install version 1 out of the bundle beside the folder, without the server."""
    await received(rig_at(place, url), place.parent.with_suffix(".tar"))


Act = Callable[[Counter, Path, str], Awaitable[None]]
SCENARIOS: Final[Mapping[str, tuple[Act, Act]]] = {
    "install": (nothing, install),
    "remove": (install, remove),
    "rollback": (install, roll_back),
    "bundle": (nothing, install_from),
}


async def one(installer: Installer, counter: Counter, *, update: bool) -> None:
    """One install, every progress a point."""
    await installer.install(KEY, lambda _: counter.step(), update=update)


def rig_at(place: Path, url: str) -> Rig:
    """The rig of a folder."""
    server = Repository()
    server.url = url
    return Rig(place, server)


def look(place: Path, url: str) -> dict[str, object]:
    """What is installed, as a next start would find it; raises if a half of anything is."""
    rig = rig_at(place, url)
    for file in rig.root.glob("objects/sha256/*"):
        assert sha256(file.read_bytes()) == file.name
    for link in rig.root.glob("r/**/*"):
        if link.is_file() and not link.name.startswith("."):
            assert (rig.root / "objects" / "sha256" / sha256(link.read_bytes())).samefile(link)
    found = rig.shelf.locate(KEY)
    if found is None:
        return {"version": None}
    return {
        "version": found.version,
        "plugin": found.path.read_text(),
        "tool": (found.dependencies / "tool").read_text(),
    }


def left(place: Path) -> list[str]:
    """The executables in the cache and the links to them."""
    root = place / "root"
    files = [*root.glob("objects/sha256/*"), *root.glob("r/**/*")]
    return sorted(str(file.relative_to(root)) for file in files if file.is_file())


if __name__ == "__main__":
    main()
