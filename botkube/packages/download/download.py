"""Gets one file over HTTP into a part file, going on where an earlier try broke off, and checks its digests.

What is on disk goes on only if the server says that it is the same file (If-Range); anything else begins anew.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from typing import IO, Final

import trio

from botkube.packages.download.parts import (
    Found,
    Wanted,
    append,
    copy_local,
    digests,
    forget,
    left_over,
    local_path,
    open_part,
)
from botkube.packages.download.retry import trying
from botkube.packages.download.web import Web
from botkube.packages.errors import PackageFailed, PackageRefused, joined
from botkube.packages.index.locator import public_url
from botkube.runtime.http import Incoming

Tell = Callable[[int, int], None]
"""Takes how many bytes are there, and how many there will be (0: nobody knows)."""

_PIECE: Final = 1 << 20
_OK: Final = 200
_PARTIAL: Final = 206
_RANGE: Final = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")


async def download(web: Web, wanted: Wanted, tell: Tell) -> str:
    """Get the file, each try at each of its places, and return its SHA-256.

    Raises: PackageFailed if no try succeeded; PackageRefused if the file is not what it must be.
    Cancellation: what came stays and is gone on with.
    """
    if not wanted.checksums:
        await trio.to_thread.run_sync(forget, wanted.part)  # nothing would tell if it was damaged
    async for attempt in trying(web.patience):
        with attempt:
            return await _from_anywhere(web, wanted, tell)
    raise AssertionError  # the last attempt raises


async def _from_anywhere(web: Web, wanted: Wanted, tell: Tell) -> str:
    troubles: list[PackageFailed | PackageRefused] = []
    for url in wanted.urls:
        try:
            with trio.fail_after(web.patience.whole):
                return await _Attempt(web, wanted, url, tell).run()
        except trio.TooSlowError:
            text = f"{public_url(url)} took longer than {web.patience.whole:g} s"
            troubles.append(PackageFailed(text))
        except (PackageFailed, PackageRefused) as error:
            troubles.append(error)
    raise joined(troubles)


class _Attempt:
    """One try at one place."""

    def __init__(self, web: Web, wanted: Wanted, url: str, tell: Tell) -> None:
        self._web = web
        self._wanted = wanted
        self._url = url
        self._tell = tell

    async def run(self) -> str:
        if path := local_path(self._url):
            await trio.to_thread.run_sync(copy_local, path, self._wanted)
            return await self._verified(resumed=False)
        have, known = await trio.to_thread.run_sync(left_over, self._wanted.part, self._url)
        headers = {"Range": f"bytes={have}-", "If-Range": known.validator} if known and have else {}
        if known is None or have != known.total:
            async with self._web.get(self._url, headers) as answer:
                start = await self._start(answer, have, known)
                await self._write(answer, start)
        return await self._verified(resumed=known is not None)

    async def _start(self, answer: Incoming, have: int, known: Found | None) -> int:
        """Make the part file fit the answer; return how much of it is there."""
        if answer.status == _PARTIAL and known is not None:
            found = _RANGE.fullmatch(answer.headers.get("content-range", ""))
            if found and int(found[1]) == have and _validator(answer) in {"", known.validator}:
                return have
        await trio.to_thread.run_sync(forget, self._wanted.part)
        if answer.status != _OK:
            raise PackageFailed(f"{public_url(self._url)} cannot be gone on with, it begins anew")
        return 0

    async def _write(self, answer: Incoming, start: int) -> None:
        length = int(answer.headers.get("content-length", "0"))
        total = start + length if length else 0
        self._check_size(total)
        found = Found(url=self._url, validator=_validator(answer), total=total)
        sink = await trio.to_thread.run_sync(open_part, self._wanted, found, start)
        with sink:
            count = await self._copy(answer, sink, start, total)
        if total and count != total:
            raise PackageFailed(f"{public_url(self._url)} ended after {count} of {total} bytes")

    async def _copy(self, answer: Incoming, sink: IO[bytes], start: int, total: int) -> int:
        count, buffer, folder = start, bytearray(), self._wanted.part.parent
        try:
            while piece := await self._web.piece(answer, self._url):
                count += len(piece)
                self._check_size(count)
                buffer += piece
                self._tell(count, total)
                if len(buffer) >= _PIECE:
                    await trio.to_thread.run_sync(append, sink, bytes(buffer), folder)
                    buffer.clear()
        except (PackageFailed, trio.Cancelled):
            with suppress(PackageFailed):  # what broke off is gone on with
                append(sink, bytes(buffer), folder)
            raise
        await trio.to_thread.run_sync(append, sink, bytes(buffer), folder)
        return count

    def _check_size(self, count: int) -> None:
        if count > self._wanted.largest:
            most = self._wanted.largest >> 20
            raise PackageRefused(
                f"{public_url(self._url)} is larger than {most} MiB, which no plugin is"
            )

    async def _verified(self, *, resumed: bool) -> str:
        part, url = self._wanted.part, public_url(self._url)
        found = await trio.to_thread.run_sync(digests, part, self._wanted.checksums)
        for wanted in self._wanted.checksums:
            if found[wanted.algorithm] != wanted.hex:
                await trio.to_thread.run_sync(forget, part)
                has = f"{url} has {wanted.algorithm}:{found[wanted.algorithm]}, wanted is {wanted}"
                if resumed:
                    raise PackageFailed(f"{has}; it begins anew")
                raise PackageRefused(has)
        return found["sha256"]


def _validator(answer: Incoming) -> str:
    """What tells this version of the file from others; only strong ones may be used with a range."""
    tag = answer.headers.get("etag", "")
    return tag if tag and not tag.startswith("W/") else answer.headers.get("last-modified", "")
