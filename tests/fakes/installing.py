"""An installer with a cache of its own and a repository to install from."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from botkube.model.plugin import PluginKey, parse_plugin_key
from botkube.packages.cache.lockfile import Lock, read_lock
from botkube.packages.cache.shelf import Installed, Shelf
from botkube.packages.download.source import Repository
from botkube.packages.download.web import Access, Patience
from botkube.packages.fetcher import Bounds
from botkube.packages.index.choose import this_platform
from botkube.packages.install import Installer, InstallSettings, open_installer
from botkube.packages.unpacking.decompress import Limits
from tests.fakes.archives import tar
from tests.fakes.repository import Repository as Server
from tests.fakes.repository import entry, sha256

if TYPE_CHECKING:
    from botkube.packages.progress import Progress

PATIENT = Patience(
    answer=30, silence=30, whole=60, attempts=2, first_pause=0.01, longest_pause=0.02
)
BOUNDS = Bounds(patience=PATIENT, limits=Limits(free=1 << 20), largest=4 << 20)
KEY = parse_plugin_key("executor", "r/p")


class Rig:
    """A cache in a folder; `home` is the URL of the index."""

    def __init__(self, folder: Path, server: Server) -> None:
        self.root = folder / "root"
        self.root.mkdir(exist_ok=True)
        self.server = server
        self.home = f"{server.url}/index.yaml"
        self.told: list[Progress] = []
        shelf = Shelf(
            root=self.root, lock_file=folder / "state" / "plugins.lock", platform=this_platform()
        )
        repository = Repository(name="r", access=Access(homes=(self.home,)))
        self.settings = InstallSettings(shelf=shelf, repositories={"r": repository}, bounds=BOUNDS)

    @property
    def shelf(self) -> Shelf:
        """What is installed."""
        return self.settings.shelf

    @property
    def lock(self) -> Lock:
        """The lock file."""
        return read_lock(self.shelf.lock_file)

    def change(self, **changes: object) -> None:
        """Change the repository's settings."""
        new = replace(self.settings.repositories["r"], **changes)
        required = {"r": new.public_key} if new.policy == "require" else {}
        self.settings = replace(
            self.settings, repositories={"r": new}, shelf=replace(self.shelf, required=required)
        )

    @asynccontextmanager
    async def opened(self) -> AsyncGenerator[Installer]:
        """An installer, as a new process has it."""
        async with open_installer(self.settings) as installer:
            yield installer

    async def install(self, key: PluginKey = KEY, *, update: bool = False) -> Installed:
        """Install one plugin with an installer of its own."""
        async with self.opened() as installer:
            return await installer.install(key, self.told.append, update=update)

    def files(self) -> dict[str, bytes]:
        """What the cache holds but for indexes and locks: links as what they lead to."""
        found = {str(p.relative_to(self.root)): p for p in self.root.rglob("*") if p.is_file()}
        return {
            name: p.read_bytes()
            for name, p in found.items()
            if "/" in name and not name.startswith("locks/")
        }


def offer(
    server: Server, version: str = "v1.0.0", name: str = "p", content: bytes = b""
) -> dict[str, object]:
    """Serve a plugin in an archive with a dependency of its own, and return its entry."""
    plugin = content or f"plugin {name} {version}\n".encode()
    tool = f"tool of {name} {version}\n".encode()
    archive = tar({"README.md": b"x", f"executor_{name}": plugin}, "gz")
    server.put(f"/{name}-{version}.tar.gz", archive)
    server.put(f"/tool-{name}-{version}", tool)
    return entry(
        name,
        f"{name}-{version}.tar.gz",
        version=version,
        checksum=sha256(archive),
        dependencies={"tool": {"url": f"tool-{name}-{version}", "checksum": sha256(tool)}},
    )
