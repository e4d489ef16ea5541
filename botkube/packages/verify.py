"""Reads everything that is installed and compares it with what was locked; changes nothing. Blocking, for a thread."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec
from msgspec.structs import replace

from botkube.model.plugin import PluginKey
from botkube.packages.cache.lockfile import Locked, LockedFile, LockedFiles, read_lock
from botkube.packages.cache.objects import astray, object_path
from botkube.packages.cache.shelf import Shelf
from botkube.packages.cache.trust import check_file
from botkube.packages.download.parts import digests
from botkube.packages.download.source import Repository
from botkube.packages.errors import PackageRefused
from botkube.packages.index.cache import load_index
from botkube.packages.index.signature import BadSignature, Policy, check_signature

_FIX: Final = "run `botkube plugins install`"


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What was found of one plugin. `signed`: its index is signed by the key that is trusted, and that was checked;
    `warning`: what is wrong with that where `signature.policy` only warns.
    """

    plugin: str
    kind: str
    version: str = ""
    good: bool = False
    signed: bool = False
    warning: str = ""
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
    policy, doubt = _doubt(shelf, key, locked, repositories.get(key.repo))
    refused = doubt if policy == "require" else ""
    if trouble := refused or _changed(shelf, key, locked, files):
        return replace(verdict, text=trouble)
    signed = not doubt and _is_kept(shelf, repositories.get(key.repo))
    count = len(files.dependencies)
    what = f", and {count} dependenc{'y' if count == 1 else 'ies'}" if count else ""
    text = (
        f"sha256:{files.plugin.sha256}{what}: as locked{'; its index is signed' if signed else ''}"
    )
    return replace(verdict, good=True, signed=signed, warning=doubt, text=text)


def _doubt(
    shelf: Shelf, key: PluginKey, locked: Locked, repository: Repository | None
) -> tuple[Policy, str]:
    """The policy that counts, and why its key does not prove what is locked, "" if it does or nobody wants to know."""
    trusted = shelf.required.get(key.repo)
    policy: Policy = "off" if trusted is None else "require"
    if repository is not None:
        policy, trusted = repository.policy, repository.public_key
    if policy == "off" or trusted is None:
        return "off", ""
    if locked.signed_by != trusted:
        by = f"is signed by {locked.signed_by}" if locked.signed_by else "is not signed"
        return policy, (
            f"came from an index that {by}, and plugins.repositories.{key.repo}.signature.publicKey "
            f"is {trusted}: update it, or remove it"
        )
    return policy, _unsigned(shelf, repository) if repository else ""


def _unsigned(shelf: Shelf, repository: Repository) -> str:
    """What is wrong with the signature of the index that was kept, "" if none was."""
    kept = load_index(shelf.root, repository.name)
    try:
        if kept is not None:
            check_signature(kept.content, kept.note.signature, repository.public_key)
    except BadSignature as error:
        return f"the index of {repository.name} {error}"
    return ""


def _is_kept(shelf: Shelf, repository: Repository | None) -> bool:
    """Whether there is an index whose signature counts."""
    if repository is None or repository.policy == "off":
        return False
    return load_index(shelf.root, repository.name) is not None


def _changed(shelf: Shelf, key: PluginKey, locked: Locked, files: LockedFiles) -> str:
    try:
        for file in files.all.values():
            check_file(object_path(shelf.root, file.sha256), file)
    except PackageRefused as error:
        return str(error)
    for path, file in astray(shelf.root, key, locked.version, files):
        return f"{_strayed(path, file)}: {_FIX}"
    return ""


def _strayed(path: Path, file: LockedFile) -> str:
    """What is in the place of a link; a plugin is not started from there, but people and the original look there."""
    try:
        found = digests(path)["sha256"]
    except OSError as error:
        return f"{path} is not linked as it should be ({error.strerror})"
    if found == file.sha256:
        return f"{path} is a copy of what is locked, not linked to it"
    return f"the content of {path} is not what is locked: locked is sha256:{file.sha256}, found sha256:{found}"
