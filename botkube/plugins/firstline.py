"""Takes the first line off a plugin's stdout, within a length limit; what follows is ordinary output."""

import trio

from botkube.model.errors import ProtocolError
from botkube.wire.handshake import MAX_LINE

_QUOTED = 60


class FirstLine:
    """Fed by the one reader of stdout, awaited by whoever needs the line."""

    def __init__(self) -> None:
        self._line = bytearray()
        self._found: bytes | None = None
        self._problem: str | None = None
        self._complete = trio.Event()

    @property
    def complete(self) -> bool:
        """Whether there is nothing more to learn from the bytes that come."""
        return self._complete.is_set()

    def feed(self, data: bytes) -> bytes:
        """Take bytes (none at the end of stdout) and return those behind the line."""
        line, found, rest = data.partition(b"\n")
        self._line += line
        if len(self._line) > MAX_LINE:
            begin = bytes(self._line[:_QUOTED]).decode("utf-8", "replace")
            self._end(
                None,
                f"the plugin wrote more than {MAX_LINE} bytes to stdout"
                f" where the handshake line belongs: {begin!r}…",
            )
        elif found:
            self._end(bytes(self._line))
        elif not data:
            self._end(None)
        return rest

    async def wait(self) -> bytes | None:
        """Wait for the line; None if stdout ends without one.

        Raises: ProtocolError if it is too long to be a handshake.
        """
        await self._complete.wait()
        if self._problem is not None:
            raise ProtocolError(self._problem)
        return self._found

    def _end(self, line: bytes | None, problem: str | None = None) -> None:
        self._found = line
        self._problem = problem
        self._complete.set()
