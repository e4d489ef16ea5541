"""A plugin cache with what is installed, without a server: for tests of who uses it."""

import fcntl
from pathlib import Path

import msgspec

from botkube.app.plugins.placing import Places
from botkube.config import Config, embedded_default
from botkube.config.schema.plugins import Repository, Signature
from botkube.model.plugin import PluginKey
from botkube.packages.cache.lockfile import Locked, LockedFile, LockedFiles, read_lock, write_lock
from botkube.packages.cache.objects import add_object, downloads
from botkube.packages.cache.turn import NAME
from botkube.packages.index.choose import this_platform


def stored(root: Path, content: bytes) -> LockedFile:
    """Put an object into a cache; returns what a lock file says of it."""
    fresh = downloads(root) / "x.new"
    fresh.write_bytes(content)
    sha256, size = add_object(root, fresh)
    return LockedFile(url="u", download="d", sha256=sha256, size=size)


class Shelved:
    """A cache and a lock file in a folder; the configuration uses both."""

    def __init__(self, folder: Path, *, policy: str = "") -> None:
        self.root = folder / "cache"
        self.root.mkdir()
        self.lock_file = folder / "plugins.lock"
        signature = Signature(public_key="K" if policy else "", policy=policy)
        self.config = _config(self.root, self.lock_file, Repository(url="u", signature=signature))
        self.places = Places(config=self.config, environ={}, state_dir=folder)

    def install(self, key: PluginKey, version: str = "v1", content: bytes = b"plugin") -> Path:
        """Lock a version with this content and a dependency; returns the plugin's object."""
        with (self.root / NAME).open("w") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)  # as an installer: nobody tidies up meanwhile
            files = LockedFiles(
                plugin=stored(self.root, content), dependencies={"tool": stored(self.root, b"tool")}
            )
            locked = Locked(version=version, index="i", platforms={this_platform(): files})
            write_lock(self.lock_file, read_lock(self.lock_file).put(key, locked))
        return self.root / "objects" / "sha256" / files.plugin.sha256

    def put_by_hand(self, key: PluginKey, version: str = "v1", content: bytes = b"hand") -> Path:
        """Put an executable where the original has it."""
        path = self.root / key.repo / f"{key.kind}_{version}_{key.name}"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        path.chmod(0o755)
        return path


def _config(root: Path, lock_file: Path, repository: Repository) -> Config:
    config = embedded_default().config
    assert config is not None
    changed = msgspec.structs.replace
    plugins = changed(
        config.plugins,
        cache_dir=str(root),
        lock_file=str(lock_file),
        repositories={"r": repository},
    )
    return changed(config, plugins=plugins)
