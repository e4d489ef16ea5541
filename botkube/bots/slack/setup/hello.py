"""The first frame of a socket of Socket Mode, and nothing else of it."""

from typing import Final

import trio

from botkube.bots.slack.hearing.frames import Disconnect, Hello, decode_frame
from botkube.runtime.websocket import Door, WebSocket, converse

HELLO: Final = 10.0  # seconds from having the URL to the frame


async def first_hello(door: Door, url: str) -> Hello | str:
    """Return Slack's hello, or why there is none. The URL is a secret: no text holds more of it than its host.

    What Slack hands to this socket meanwhile is not acknowledged, so it comes again, to another one. It takes 10 s at
    most, and 0.2 s more to close.

    Cancellation: Slack is told within 0.2 s.
    """
    said: list[Hello | Disconnect] = []

    async def listen(socket: WebSocket) -> None:
        while not said:
            frame = decode_frame(await socket.receive())
            if isinstance(frame, Hello | Disconnect):
                said.append(frame)

    ended = f"Slack's socket server said nothing within {HELLO:g} s"
    with trio.move_on_after(HELLO):
        try:
            ended = await converse(door, url, listen)
        except ValueError as error:
            return f"no socket: {error}"
    for frame in said:
        return frame if isinstance(frame, Hello) else f"Slack disconnects: {frame.reason}"
    return f"no hello: {ended}"
