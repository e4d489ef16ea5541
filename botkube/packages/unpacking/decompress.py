"""Reads compressed files as streams with an end: bounds on what comes out, on its ratio to the file, on memory.

Blocking, for a thread.
"""

import lzma
import sys
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import BinaryIO, Final, Protocol

import msgspec

from botkube.packages.errors import PackageRefused

_XZ_MEMORY: Final = 256 << 20  # `xz -9` takes 65 MiB
_PIECE: Final = 1 << 16


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How much an archive may hold. `ratio` counts from `free` bytes on: small files may pack well."""

    files: int = 10_000
    unpacked: int = 2 << 30
    ratio: int = 200
    free: int = 64 << 20
    headers: int = 16 << 20  # bytes of names and attributes


class Readable(Protocol):
    """A stream that is only read."""

    def read(self, size: int = -1, /) -> bytes | None:
        """Read at most so many bytes; none: it is at its end."""
        ...


class Metered:
    """What comes out of a file, with its bounds; `check` is called often and may end it by raising."""

    def __init__(
        self, stream: Readable, size: int, limits: Limits, check: Callable[[], None]
    ) -> None:
        self._stream = stream
        self._most = min(limits.unpacked, max(limits.free, size * limits.ratio))
        self._check = check
        self.count = 0

    def read(self, size: int = -1) -> bytes:
        """Read at most a piece.

        Raises: PackageRefused when more comes out than may.
        """
        self._check()
        data = self._stream.read(_PIECE if size < 0 else min(size, _PIECE)) or b""
        self.count += len(data)
        if self.count > self._most:
            raise PackageRefused(
                f"unpacks to more than {self._most >> 20} MiB, which no plugin does: it is not used"
            )
        return data


@contextmanager
def decompressed(
    path: Path, compression: str, limits: Limits, check: Callable[[], None]
) -> Generator[Metered]:
    """Read a file through gz, bz2, xz, zst or "" (as it is).

    Raises: PackageRefused past a limit; the library's own errors where the data is damaged.
    """
    with path.open("rb") as file, _opened(file, compression) as stream:
        yield Metered(stream, path.stat().st_size, limits, check)


def _opened(file: BinaryIO, compression: str) -> AbstractContextManager[Readable]:
    match compression:
        case "gz":
            import gzip  # noqa: PLC0415 - seldom needed

            return gzip.GzipFile(fileobj=file)
        case "bz2":
            import bz2  # noqa: PLC0415 - likewise

            return bz2.BZ2File(file)
        case "xz":
            return nullcontext(_Xz(file))
        case "zst":
            return nullcontext(_Zstd(file))
        case _:
            return nullcontext(file)


class _Zstd:
    """The library's reader, with an error that is known without the library. Its bound on memory is 128 MiB."""

    def __init__(self, file: BinaryIO) -> None:
        if sys.version_info >= (3, 14):
            from compression import zstd  # noqa: PLC0415 - seldom needed
        else:
            from backports import zstd  # noqa: PLC0415 - likewise
        self._stream = zstd.ZstdFile(file)
        self._error = zstd.ZstdError

    def read(self, size: int = -1, /) -> bytes:
        try:
            return self._stream.read(size)
        except self._error as error:
            raise ValueError(str(error)) from error


class _Xz:
    """What lzma.LZMAFile does, with a bound on memory."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._decoder = _decoder()
        self._fresh = True  # nothing of a stream was read yet

    def read(self, size: int = -1, /) -> bytes:
        data = b""
        while not data:
            given = self._given()
            if not given and self._decoder.needs_input:
                return b""
            self._fresh = False
            data = self._decoder.decompress(given, max_length=size)
        return data

    def _given(self) -> bytes:
        given = b""
        if self._decoder.eof:  # another stream, or padding, may follow
            given = self._decoder.unused_data
            self._decoder, self._fresh = _decoder(), True
        if not given and self._decoder.needs_input:
            given = self._file.read(_PIECE)
        if self._fresh:
            return given.lstrip(b"\0")
        if not given and self._decoder.needs_input:
            raise EOFError("the compressed data ends too early")
        return given


def _decoder() -> lzma.LZMADecompressor:
    return lzma.LZMADecompressor(memlimit=_XZ_MEMORY)
