"""The index of a repository: asked for anew, from its URL or a mirror, and only if it changed; proven by its
signature; kept for when no server answers.
"""

import logging
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit, urlunsplit

import msgspec
import trio

from botkube.packages.download.parts import local_path
from botkube.packages.download.retry import trying
from botkube.packages.download.web import Access, Web
from botkube.packages.errors import NotThere, PackageFailed, PackageRefused, joined
from botkube.packages.index.cache import Kept, Note, keep_index, load_index
from botkube.packages.index.entries import Index, IndexUnreadable, parse_index
from botkube.packages.index.locator import public_url
from botkube.packages.index.signature import LONGEST, SUFFIX, BadSignature, Policy, check_signature

log = logging.getLogger(__name__)

LARGEST: Final = 16 << 20
_OK: Final = 200
_UNCHANGED: Final = 304


class Repository(msgspec.Struct, frozen=True, kw_only=True):
    """Where an index is: at its URL, the first of `access.homes`, and at its mirrors, the others.

    `passed_on`: its signature is wanted for others, whatever the policy is here.
    """

    name: str
    access: Access
    public_key: str = ""
    policy: Policy = "off"
    passed_on: bool = False


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """An index that may be used; `signed_by` is the key that proved it, `stale` why it is not today's."""

    index: Index
    signed_by: str = ""
    stale: str = ""


async def fetch_index(web: Web, repository: Repository, root: Path) -> Offer:
    """Return the index of today, else the one that was kept.

    Raises: PackageFailed if no server answers and none was kept; PackageRefused if it is not to be used.
    """
    kept = await trio.to_thread.run_sync(load_index, root, repository.name)
    try:
        async for attempt in trying(web.patience):
            with attempt:
                return await _from_anywhere(web, repository, kept, root)
    except PackageFailed as error:
        if kept is None or kept.note.url not in repository.access.homes:  # another repository's
            raise
        log.warning("repository %s: %s; its index of before is used", repository.name, error)
        offer, _ = await trio.to_thread.run_sync(prove, repository, kept)
        return msgspec.structs.replace(offer, stale=str(error))
    raise AssertionError  # the last attempt raises


async def _from_anywhere(web: Web, repository: Repository, kept: Kept | None, root: Path) -> Offer:
    troubles: list[PackageFailed | PackageRefused] = []
    for url in repository.access.homes:
        try:
            fetched = await _fetch(web, repository, url, kept)
            offer, signed_at = await trio.to_thread.run_sync(prove, repository, fetched)
        except (PackageFailed, PackageRefused) as error:
            troubles.append(error)
        else:
            note = msgspec.structs.replace(fetched.note, signed_at=signed_at)
            if kept is None or (fetched.content, note) != (kept.content, kept.note):
                await trio.to_thread.run_sync(
                    keep_index, root, repository.name, fetched.content, note
                )
            return offer
    raise joined(troubles)


async def _fetch(web: Web, repository: Repository, url: str, kept: Kept | None) -> Kept:
    if path := local_path(url):
        return await trio.to_thread.run_sync(_from_disk, path, url, kept)
    content, note = await _content(web, url, kept)
    signed = repository.policy != "off" or repository.passed_on
    signature = await _signature(web, url) if signed else b""
    if kept is not None and content is kept.content and signature != kept.note.signature:
        content, note = await _content(
            web, url, None
        )  # a copy of old keeps its time, and is not the kept one
    newest = kept.note.signed_at if kept else 0
    return Kept(
        content=content, note=msgspec.structs.replace(note, signature=signature, signed_at=newest)
    )


async def _content(web: Web, url: str, kept: Kept | None) -> tuple[bytes, Note]:
    note = kept.note if kept and kept.note.url == url else Note(url=url)
    conditions = {"If-None-Match": note.etag, "If-Modified-Since": note.modified}
    async with web.get(url, {name: value for name, value in conditions.items() if value}) as answer:
        if answer.status == _UNCHANGED and kept is not None:
            return kept.content, note
        if answer.status != _OK:
            raise PackageRefused(f"{public_url(url)} answered {answer.status}")
        headers = answer.headers
        note = Note(
            url=url, etag=headers.get("etag", ""), modified=headers.get("last-modified", "")
        )
        return await web.read(answer, url, LARGEST), note


async def _signature(web: Web, url: str) -> bytes:
    parts = urlsplit(url)
    place = urlunsplit(parts._replace(path=parts.path + SUFFIX))
    try:
        async with web.get(place) as answer:
            return await web.read(answer, place, LONGEST)
    except NotThere:
        return b""


def _from_disk(path: Path, url: str, kept: Kept | None) -> Kept:
    signature = path.with_name(path.name + SUFFIX)
    try:
        if path.stat().st_size > LARGEST:
            raise PackageRefused(f"{path} is larger than {LARGEST >> 20} MiB")
        content = path.read_bytes()
        proof = signature.read_bytes()[:LONGEST] if signature.exists() else b""
    except OSError as error:
        raise PackageFailed(f"the index {path} cannot be read: {error.strerror}") from error
    newest = kept.note.signed_at if kept else 0
    return Kept(content=content, note=Note(url=url, signature=proof, signed_at=newest))


def prove(repository: Repository, fetched: Kept) -> tuple[Offer, int]:
    """Check the signature of an index and read it; also return when it was signed. Slow: call it in a thread.

    Raises: PackageRefused.
    """
    note = fetched.note
    signed_by, signed_at = "", note.signed_at
    if repository.policy != "off":
        try:
            signed_at = check_signature(
                fetched.content, note.signature, repository.public_key, note.signed_at
            )
            signed_by = repository.public_key
        except BadSignature as error:
            text = f"repository {repository.name}: the index {public_url(note.url)} {error}"
            if repository.policy == "require":
                raise PackageRefused(f"{text}; nothing of it is installed") from error
            log.warning("%s; signature.policy is warn, so it is used", text)
    try:
        index = parse_index(fetched.content, note.url)
    except IndexUnreadable as error:
        raise PackageRefused(f"the index {public_url(note.url)} {error}") from error
    return Offer(index=index, signed_by=signed_by), signed_at
