"""Reads everything that is installed and compares it with what was locked; changes nothing. Blocking, for a thread."""

from collections.abc import Mapping
from typing import Final

import msgspec
from msgspec.structs import replace

from botkube.model.plugin import PluginKey
from botkube.packages.errors import PackageRefused
from botkube.packages.indexcache import load_index
from botkube.packages.lockfile import Locked, LockedFiles, read_lock
from botkube.packages.objects import is_active, object_path
from botkube.packages.shelf import Shelf
from botkube.packages.signature import BadSignature, check_signature
from botkube.packages.source import Repository
from botkube.packages.trust import check_file

_FIX: Final = "run `botkube plugins install`"


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What was found of one plugin; `signed` says whether a signature of its index was checked and good."""

    plugin: str
    kind: str
    version: str = ""
    good: bool = False
    signed: bool = False
    text: str = ""


def verify_plugin(
    shelf: Shelf, key: PluginKey, repositories: Mapping[str, Repository] = {}
) -> Verdict:
    """Read the files of a plugin, and check the signature of the index that it came from, as far as that is kept.

    Raises: PackageRefused if the lock file cannot be read.
    """
    locked = read_lock(shelf.lock_file).get(key)
    verdict = Verdict(plugin=str(key), kind=key.kind, version=locked.version if locked else "")
    if locked is None or (files := locked.platforms.get(shelf.platform)) is None:
        what = "is locked for other platforms only" if locked else "is not installed"
        return replace(verdict, text=f"{what}: {_FIX}")
    signed, trouble = _signature(shelf, repositories.get(key.repo))
    signed = signed and bool(locked.signed_by)
    if trouble := _unproven(shelf, key, locked) or _changed(shelf, key, locked, files) or trouble:
        return replace(verdict, text=trouble)
    count = len(files.dependencies)
    what = f", and {count} dependenc{'y' if count == 1 else 'ies'}" if count else ""
    text = (
        f"sha256:{files.plugin.sha256}{what}: as locked{'; its index is signed' if signed else ''}"
    )
    return replace(verdict, good=True, signed=signed, text=text)


def _unproven(shelf: Shelf, key: PluginKey, locked: Locked) -> str:
    if shelf.may_be_used(key, locked):
        return ""
    return "did not come from an index signed by signature.publicKey: update it, or remove it"


def _changed(shelf: Shelf, key: PluginKey, locked: Locked, files: LockedFiles) -> str:
    try:
        for file in files.all.values():
            check_file(object_path(shelf.root, file.sha256), file)
    except PackageRefused as error:
        return str(error)
    if is_active(shelf.root, key, locked.version, files):
        return ""
    return f"is not linked as it should be: {_FIX}"


def _signature(shelf: Shelf, repository: Repository | None) -> tuple[bool, str]:
    """Whether the kept index is signed, and what is wrong with that if it has to be."""
    kept = load_index(shelf.root, repository.name) if repository else None
    if repository is None or kept is None or repository.policy == "off":
        return False, ""
    try:
        check_signature(kept.content, kept.note.signature, repository.public_key)
    except BadSignature as error:
        text = f"the index of {repository.name} {error}"
        return False, text if repository.policy == "require" else ""
    return True, ""
