"""Where a running command writes what users see before its reply; lost, without harm, on hosts that do not listen."""

from collections.abc import Awaitable, Callable
from typing import Final


class Output:
    """The live output of one command."""

    def __init__(self, send: Callable[[bytes], Awaitable[None]] | None = None) -> None:
        self._send = send

    @property
    def heard(self) -> bool:
        """Whether anybody listens."""
        return self._send is not None

    async def write(self, text: str | bytes) -> None:
        """Append text to what the user sees.

        Cancellation: waits while the host is behind; cancelled, the text may be lost.
        """
        if self._send is not None and text:
            await self._send(text if isinstance(text, bytes) else text.encode())


SILENT: Final = Output()
