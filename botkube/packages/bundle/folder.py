"""Bundles: plugins with all that is needed to install them without a network, in one folder.

    bundle.json                           what there is, with digests: the file of each URL, and where indexes came from
    plugins.lock                          which version stands for each plugin, as where it was made
    indexes/<repository>.yaml             the indexes, as they came
    indexes/<repository>.yaml.minisig     their signatures
    files/<sha256>                        what was downloaded, as it came

Nothing in a bundle is believed: a reader checks every name and digest, and `install` what the bundle claims.
Blocking, for a thread.
"""

import hashlib
import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from botkube.packages.cache.lockfile import FORMAT as LOCK_FORMAT
from botkube.packages.cache.lockfile import Lock
from botkube.packages.download.parts import LARGEST, digests
from botkube.packages.download.source import LARGEST as LARGEST_INDEX
from botkube.packages.errors import PackageRefused
from botkube.packages.files import replace_file
from botkube.packages.index.cache import Kept, Note
from botkube.packages.index.locator import BadLocation, check_url, kept_url, public_url
from botkube.packages.index.signature import LONGEST, SUFFIX

FORMAT: Final = 1
MANIFEST: Final = "bundle.json"
LOCK: Final = "plugins.lock"
INDEXES: Final = "indexes"
FILES: Final = "files"
_LARGEST_LIST: Final = 16 << 20
_SHA256: Final = re.compile(r"[0-9a-f]{64}")

T = TypeVar("T")


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was downloaded."""

    sha256: str
    size: int


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Where an index came from."""

    url: str
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """`bundle.json`: indexes by repository, files by the URL that they were downloaded from, both as `kept_url` gives it."""

    format: int = FORMAT
    lock: str  # its SHA-256
    indexes: Mapping[str, Origin] = {}
    files: Mapping[str, Content] = {}


class Bundle(msgspec.Struct, frozen=True, kw_only=True):
    """A bundle that was opened; its indexes and files are looked at when they are needed."""

    folder: Path
    manifest: Manifest
    lock: Lock

    @property
    def files(self) -> Mapping[str, Path]:
        """The path of each URL's file, whether it is there or not."""
        return {url: self._path(content) for url, content in self.manifest.files.items()}

    def index(self, repository: str) -> Kept:
        """Return the index of a repository, not proven yet.

        Raises: PackageRefused if there is none, or not the one that the bundle was made with.
        """
        origin = self.manifest.indexes.get(repository)
        if origin is None or "/" in repository:
            raise PackageRefused(f"the bundle has no index of the repository {repository}")
        try:
            url = check_url(origin.url)
        except BadLocation as error:
            raise PackageRefused(
                f"the bundle's URL of the index of {repository} {error}"
            ) from error
        name = f"{INDEXES}/{repository}.yaml"
        content = _read(self.folder, name, LARGEST_INDEX)
        if hashlib.sha256(content).hexdigest() != origin.sha256:
            raise _damaged(name)
        there = (self.folder / f"{name}{SUFFIX}").exists()
        proof = _read(self.folder, f"{name}{SUFFIX}", LONGEST) if there else b""
        return Kept(content=content, note=Note(url=url, signature=proof))

    def check_file(self, url: str) -> str:
        """Return the SHA-256 of a URL's file after it was read and found to be what it should.

        Raises: PackageRefused.
        """
        content = self.manifest.files.get(url)
        if content is None:
            raise PackageRefused(f"{public_url(url)} is not in the bundle")
        path = self._path(content)
        try:
            found = path.lstat()
            fits = stat.S_ISREG(found.st_mode) and found.st_size == content.size <= LARGEST
            sha256 = digests(path)["sha256"] if fits else ""
        except OSError as error:
            text = f"the bundle lacks {FILES}/{path.name} ({public_url(url)}): {error.strerror}"
            raise PackageRefused(text) from error
        if sha256 != content.sha256:
            raise _damaged(f"{FILES}/{path.name} ({public_url(url)})")
        return sha256

    def _path(self, content: Content) -> Path:
        return self.folder / FILES / content.sha256


def read_bundle(folder: Path) -> Bundle:
    """Open the bundle in a folder.

    Raises: PackageRefused if it is none, or damaged.
    """
    manifest = _decoded(folder, MANIFEST, Manifest)
    _check_format(MANIFEST, manifest.format, FORMAT)
    for content in manifest.files.values():
        _check_digest(content.sha256)
    lock = _decoded(folder, LOCK, Lock)
    _check_format(LOCK, lock.format, LOCK_FORMAT)
    if digests(folder / LOCK)["sha256"] != manifest.lock:
        raise _damaged(LOCK)
    for locked in lock.plugins.values():
        for files in locked.platforms.values():
            for file in files.all.values():
                _check_digest(file.download)
                _check_digest(file.sha256)
    return Bundle(folder=folder, manifest=manifest, lock=lock)


def write_lists(
    folder: Path, lock: Lock, indexes: Mapping[str, Kept], urls: Mapping[str, str]
) -> None:
    """Write everything but the files, which are there under their digests; `urls` has the digest for each URL.

    Raises: OSError.
    """
    (folder / INDEXES).mkdir()
    for repository, kept in indexes.items():
        place = folder / INDEXES / f"{repository}.yaml"
        replace_file(place, kept.content)
        if kept.note.signature:
            replace_file(place.with_name(place.name + SUFFIX), kept.note.signature)
    text = _pretty(lock)
    replace_file(folder / LOCK, text)
    manifest = Manifest(
        lock=hashlib.sha256(text).hexdigest(),
        indexes={repository: _origin(kept) for repository, kept in sorted(indexes.items())},
        files={
            url: Content(sha256=sha256, size=(folder / FILES / sha256).stat().st_size)
            for url, sha256 in sorted(urls.items())
        },
    )
    replace_file(folder / MANIFEST, _pretty(manifest))


def _origin(kept: Kept) -> Origin:
    return Origin(url=kept_url(kept.note.url), sha256=hashlib.sha256(kept.content).hexdigest())


def _pretty(value: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"


def _decoded(folder: Path, name: str, type_: type[T]) -> T:
    try:
        return msgspec.json.decode(_read(folder, name, _LARGEST_LIST), type=type_)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise PackageRefused(f"{folder} is no bundle: its {name} is damaged ({error})") from error


def _read(folder: Path, name: str, most: int) -> bytes:
    """Read a file of a bundle, which is no link and nothing that waits."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        with open(os.open(folder / name, flags), "rb") as file:  # noqa: PTH123 - a descriptor
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise PackageRefused(f"the bundle's {name} is no file")
            content = file.read(most + 1)
    except OSError as error:
        raise PackageRefused(
            f"{folder} is no bundle, or not all of one: {name}: {error.strerror}"
        ) from error
    if len(content) > most:
        raise PackageRefused(f"the bundle's {name} is larger than {most >> 20} MiB")
    return content


def _check_format(name: str, found: int, known: int) -> None:
    if found > known:
        raise PackageRefused(f"the bundle's {name} was written by a newer version: use that one")


def _check_digest(text: str) -> None:
    if not _SHA256.fullmatch(text):
        raise PackageRefused(f"the bundle names {text[:80]!r}, which is no SHA-256")


def _damaged(name: str) -> PackageRefused:
    return PackageRefused(
        f"the bundle's {name} is not what the bundle was made with: copy it again"
    )
