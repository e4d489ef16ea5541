"""Sends to a client in pieces, each with a deadline of its own: who reads slowly is served, however
much it is; who has stopped reading is given up.
"""

from typing import Final

import trio

SEND: Final = 20.0  # seconds for a client to take one piece
PIECE: Final = 2**16


async def send_in_pieces(stream: trio.abc.SendStream, data: bytes) -> None:
    """Send everything.

    Raises:
        trio.BrokenResourceError: the client is gone, or took no piece within the deadline.
    """
    view = memoryview(data)
    for start in range(0, len(data), PIECE):
        with trio.move_on_after(SEND) as scope:
            await stream.send_all(view[start : start + PIECE])
        if scope.cancelled_caught:
            raise trio.BrokenResourceError("the client does not read")
