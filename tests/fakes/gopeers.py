"""Plugins and a host written in Go on the original's SDK (`tests/interop`), built once per state of their sources."""

import fcntl
import hashlib
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

import msgspec
import pytest
import trio

SOURCES = Path(__file__).parents[1] / "interop"
INSTALL = "apt-get install golang, or https://go.dev/dl"
BUILD_TIME = 420.0
NO_NETWORK = ("dial tcp", "no such host", "proxyconnect", "i/o timeout", "403 Forbidden")


class Step(msgspec.Struct, frozen=True):
    """What the Go host says about one step; `ms` is how long it took."""

    step: str
    ms: float
    code: str = ""
    error: str = ""
    payload: object = None


class Peers(msgspec.Struct, frozen=True):
    """Where the executables are."""

    folder: Path

    @property
    def executor(self) -> Path:
        """An executor plugin whose commands are switches."""
        return self.folder / "executor"

    @property
    def source(self) -> Path:
        """A source plugin that does what its configuration says."""
        return self.folder / "source"

    async def host(self, kind: str, argv: str, *steps: str) -> list[Step]:
        """Run the Go host with these steps; one Step each, the start first."""
        command = [str(self.folder / "host"), kind, argv, *steps]
        done = await trio.run_process(
            command, capture_stdout=True, capture_stderr=True, check=False
        )
        # The SDK logs to stdout too.
        lines = [line for line in done.stdout.splitlines() if line.startswith(b"{")]
        assert len(lines) == len(steps) + 1, done.stderr.decode() + done.stdout.decode()
        return [msgspec.json.decode(line, type=Step) for line in lines]

    def messages(self) -> list[bytes]:
        """Messages and events as Go serialises them."""
        done = subprocess.run([self.folder / "messages"], capture_output=True, check=True)
        items = msgspec.json.decode(done.stdout, type=list[msgspec.Raw])
        return [bytes(item) for item in items]

    def put(self, cache_dir: Path, repo: str, kind: str, name: str) -> Path:
        """Put a peer where a plugin cache keeps plugins."""
        path = cache_dir / repo / f"{kind}_v1.0.0_{name}"
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(self.folder / kind, path)
        return path


@cache
def go_peers() -> Peers:
    """Build them, or skip the test by name where that cannot be done."""
    folder = _cache_dir() / f"interop-{_digest()}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:  # another test process may be building
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "host").exists():
            _build(folder)
    return Peers(folder)


def _cache_dir() -> Path:
    given = os.environ.get("XDG_CACHE_HOME")
    return (Path(given) if given else Path.home() / ".cache") / "botkube-tests"


def _digest() -> str:
    digest = hashlib.sha256()
    for file in sorted(SOURCES.rglob("*")):
        if file.suffix in {".go", ".mod", ".sum"}:
            digest.update(f"{file.relative_to(SOURCES)}\0".encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def _build(folder: Path) -> None:
    go = shutil.which("go") or shutil.which("go", path="/usr/local/go/bin:/usr/lib/go/bin")
    if go is None:
        pytest.skip(f"the Go peers need Go: {INSTALL}")
    fresh = folder.with_name(f"{folder.name}.{os.getpid()}")
    command = [
        go,
        "build",
        "-mod=readonly",
        "-buildvcs=false",
        "-o",
        f"{fresh}/",
        "./cmd/...",
    ]
    try:
        done = subprocess.run(
            command, cwd=SOURCES, capture_output=True, text=True, timeout=BUILD_TIME, check=False
        )
    except subprocess.TimeoutExpired:
        pytest.fail(f"building the Go peers took longer than {BUILD_TIME:g} s")
    if done.returncode and any(sign in done.stderr for sign in NO_NETWORK):
        pytest.skip(
            f"the Go peers cannot be downloaded: cd {SOURCES} && go build ./cmd/... once online"
        )
    assert done.returncode == 0, done.stderr
    fresh.rename(folder)
