"""Bundles made from a repository, changed as their enemies would, and installed on another machine."""

import hashlib
import io
import tarfile
from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec.structs import replace

from botkube.model.plugin import PluginKey
from botkube.packages.bundle.folder import FILES, LOCK, MANIFEST, Manifest
from botkube.packages.bundle.install import install_bundle, opened_bundle
from botkube.packages.bundle.vendor import Order, Vendored, vendor
from botkube.packages.cache.lockfile import Lock
from botkube.packages.cache.shelf import Installed
from botkube.packages.errors import PackageFailed, PackageRefused
from botkube.packages.index.choose import this_platform
from tests.fakes.installing import KEY, Rig


async def make(
    rig: Rig,
    target: Path,
    keys: tuple[PluginKey, ...] = (KEY,),
    platforms: tuple[str, ...] = (this_platform(),),
) -> Vendored:
    """Make a bundle."""
    order = Order(keys=keys, platforms=platforms, target=target)
    return await vendor(
        rig.settings, order, lambda _key, _platform, progress: rig.told.append(progress)
    )


async def receive(
    rig: Rig, source: Path, *keys: PluginKey
) -> Mapping[PluginKey, Installed | PackageFailed | PackageRefused]:
    """Install from a bundle."""
    async with opened_bundle(source, rig.root) as bundle:
        return await install_bundle(
            rig.settings, bundle, keys or (KEY,), lambda _, progress: rig.told.append(progress)
        )


async def received(rig: Rig, source: Path, key: PluginKey = KEY) -> Installed:
    """Install one plugin from a bundle, or raise why it was not."""
    found = (await receive(rig, source, key))[key]
    if isinstance(found, Installed):
        return found
    raise found


def read_tar(path: Path) -> dict[str, bytes]:
    """The files of a tar in their order."""
    with tarfile.open(path) as archive:
        members = [(info.name, archive.extractfile(info)) for info in archive]
        return {name: file.read() for name, file in members if file is not None}


def write_tar(path: Path, files: Mapping[str, bytes], *more: tuple[tarfile.TarInfo, bytes]) -> Path:
    """A tar of these files and, at its end, of these headers."""
    with tarfile.open(path, "w") as archive:
        for name, content in files.items():
            header = tarfile.TarInfo(name)
            header.size = len(content)
            archive.addfile(header, io.BytesIO(content))
        for header, content in more:
            archive.addfile(header, io.BytesIO(content))
    return path


def relist(files: dict[str, bytes], lock: Lock | None = None) -> dict[str, bytes]:
    """Make manifest and lock fit what was changed: an enemy would."""
    manifest = msgspec.json.decode(files[MANIFEST], type=Manifest)
    if lock is not None:
        files = {**files, LOCK: msgspec.json.encode(lock)}
    indexes = {
        name: replace(origin, sha256=_sha256(files[f"indexes/{name}.yaml"]))
        for name, origin in manifest.indexes.items()
    }
    changed = replace(manifest, lock=_sha256(files[LOCK]), indexes=indexes)
    return {**files, MANIFEST: msgspec.json.encode(changed)}


def swap(files: dict[str, bytes], url: str, content: bytes) -> dict[str, bytes]:
    """Put another file in the place of one, and change lock and manifest to fit."""
    manifest = msgspec.json.decode(files[MANIFEST], type=Manifest)
    old, new = manifest.files[url], _sha256(content)
    entry = replace(old, sha256=new, size=len(content))
    manifest = replace(manifest, files={**manifest.files, url: entry})
    files = {**files, f"{FILES}/{new}": content, MANIFEST: msgspec.json.encode(manifest)}
    del files[f"{FILES}/{old.sha256}"]
    text = files[LOCK].replace(old.sha256.encode(), new.encode())
    return relist(files, msgspec.json.decode(text, type=Lock))


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
