"""`plugins.lock`: which version of each plugin is installed, from where, and the digests of all its files.

What is locked is installed again from here, without an index, and only with the same content. Blocking, for a thread.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import msgspec
from msgspec.structs import replace

from botkube.model.plugin import PluginKey
from botkube.packages.errors import PackageFailed, PackageRefused
from botkube.packages.files import replace_file
from botkube.packages.index.locator import HIDDEN, Artifact, Form

FORMAT: Final = 1


class LockedFile(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A file as it was downloaded (`download`) and the executable that was in it (`sha256`, `size`).

    `url` is as `kept_url` gives it: the file may be kept in version control.
    """

    url: str
    form: Form = ""
    folder: str = ""
    download: str
    sha256: str
    size: int

    @property
    def hidden(self) -> bool:
        """Whether the URL held a secret, so that only the index has it."""
        return HIDDEN in self.url

    @property
    def artifact(self) -> Artifact:
        """What to download again."""
        return Artifact(url=self.url, form=self.form, folder=self.folder)


class LockedFiles(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The files of one platform."""

    plugin: LockedFile
    dependencies: Mapping[str, LockedFile] = {}

    @property
    def all(self) -> Mapping[str, LockedFile]:
        """The plugin under "" and its dependencies under their names."""
        return {"": self.plugin, **self.dependencies}


class Locked(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """What a plugin key stands for. `signed_by` is the key that proved the index, `previous` what was there before."""

    version: str
    index: str
    signed_by: str = ""
    platforms: Mapping[str, LockedFiles]
    previous: "Locked | None" = None


class Lock(msgspec.Struct, frozen=True, kw_only=True):
    """The whole file; plugins by kind and key, such as `executor botkube/kubectl`."""

    format: int = FORMAT
    plugins: Mapping[str, Locked] = {}

    def get(self, key: PluginKey) -> Locked | None:
        """Return what is locked for a key."""
        return self.plugins.get(name_of(key))

    def versions(self, key: PluginKey) -> Iterator[Locked]:
        """Give what any key of the same plugin stands for, and stood for before: they share the files of a version."""
        plugin = f"{key.kind} {key.repo}/{key.name}"
        for name, entry in self.plugins.items():
            if name.partition("@")[0] == plugin:
                yield from (each for each in (entry, entry.previous) if each)

    def put(self, key: PluginKey, locked: Locked | None) -> "Lock":
        """Return the file with another entry for a key, or without one."""
        others = {name: old for name, old in self.plugins.items() if name != name_of(key)}
        mine = {} if locked is None else {name_of(key): locked}
        return replace(self, plugins=dict(sorted((others | mine).items())))


def name_of(key: PluginKey) -> str:
    """Return how the file names a key."""
    return f"{key.kind} {key}"


def read_lock(path: Path) -> Lock:
    """Read the file; one that is not there locks nothing.

    Raises: PackageRefused if it cannot be read.
    """
    try:
        lock = msgspec.json.decode(path.read_bytes(), type=Lock)
    except FileNotFoundError:
        return Lock()
    except OSError as error:
        raise PackageRefused(f"{path} cannot be read: {error.strerror}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise PackageRefused(
            f"{path} is damaged ({error}): restore it, or remove it to choose versions anew"
        ) from error
    if lock.format > FORMAT:
        raise PackageRefused(f"{path} was written by a newer version: use that one, or remove it")
    return lock


def write_lock(path: Path, lock: Lock) -> None:
    """Replace the file.

    Raises: PackageFailed if it cannot be written.
    """
    text = msgspec.json.format(msgspec.json.encode(lock), indent=2) + b"\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, text)
    except OSError as error:
        raise PackageFailed(
            f"{path} cannot be written ({error.strerror}): make it writable, or set plugins.lockFile"
        ) from error


def succeed(old: Locked | None, new: Locked) -> Locked:
    """Return the entry that takes the place of `old`: the same version keeps its other platforms, and what was before.

    Raises: PackageRefused if a file of the same version is another one now.
    """
    if old is None:
        return new
    if old.version != new.version:
        return replace(new, previous=replace(old, previous=None))
    for platform, files in new.platforms.items():
        before = old.platforms.get(platform)
        if before is not None:
            check_same(f"version {old.version}", before, files)
    others = old.platforms if old.signed_by == new.signed_by else {}
    return replace(new, platforms={**others, **new.platforms}, previous=old.previous)


def check_same(what: str, old: LockedFiles, new: LockedFiles) -> None:
    """Check that no file is another one now.

    Raises: PackageRefused.
    """
    for name, before in old.all.items():
        now = new.all.get(name)
        if now is not None and now.sha256 != before.sha256:
            file = f"its dependency {name}" if name else "the plugin"
            raise PackageRefused(changed(f"{what}: {file}", before.sha256, now.sha256))


def changed(what: str, locked: str, found: str) -> str:
    """Say that something is no longer what was locked."""
    return (
        f"{what} is another file than the one that was locked: locked is sha256:{locked}, "
        f"found sha256:{found}. If that is meant: `botkube plugins remove` it, with --config (and --state-dir and --cache-dir) "
        "of the instance if it is enabled in one, then `botkube plugins install` it"
    )
