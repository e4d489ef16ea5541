"""One socket of Socket Mode: from its URL to its end. Acknowledges at once, and hands over what it hears.

Does not know other sockets; `link` opens, replaces and closes them.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, Protocol, TypeAlias

import trio

from botkube.bots.slack.hearing.frames import (
    Disconnect,
    Envelope,
    Frame,
    Garbage,
    Hello,
    ack,
    decode_frame,
)
from botkube.runtime.websocket import Door, Heartbeat, PeerSilent, WebSocket, converse

log = logging.getLogger(__name__)

ANSWER: Final = (
    2.0  # seconds for an answer that goes with the acknowledgement, of the three that Slack waits
)
ANSWERS: Final = 16  # of them at once; what is more gets an empty one

Answer: TypeAlias = Callable[[], Awaitable[Mapping[str, object]]]


class Ears(Protocol):
    """Who hears what comes in."""

    def hear(self, envelope: Envelope) -> None:
        """Take an envelope that was acknowledged; never waits."""
        ...

    def answer_to(self, envelope: Envelope) -> Answer | None:
        """How to answer what wants its answer in the acknowledgement; none for everything else."""
        ...


class Socket:
    """A connection; `settled` once it works or is lost, `leaving` once it should be replaced or is lost."""

    def __init__(self, door: Door, ears: Ears, heartbeat: Heartbeat) -> None:
        self._door = door
        self._ears = ears
        self._heartbeat = heartbeat
        self._scope = trio.CancelScope()
        self._answers = 0
        self.settled = trio.Event()
        self.leaving = trio.Event()
        self.ended = trio.Event()
        self.reason = ""  # why it leaves
        self.silent = False  # Slack may not know that it has ended
        self.hello: Hello | None = None

    @property
    def alive(self) -> bool:
        """Whether it works, and is to."""
        ending = self.ended.is_set() or self._scope.cancel_called
        return self.hello is not None and not ending

    def close(self) -> None:
        """End it; Slack is told."""
        self._scope.cancel(reason="the socket is replaced")

    async def run(self, url: str) -> None:
        """Connect and listen until it is lost or closed.

        Cancellation: Slack is told within 0.2 s.
        """
        try:
            with self._scope:
                ended = await converse(self._door, url, self._listen)
                self.reason = self.reason or ended
        finally:
            self.ended.set()
            self.settled.set()
            self.leaving.set()

    async def _listen(self, web_socket: WebSocket) -> None:
        try:
            await self._hear(web_socket)
        except BaseExceptionGroup as group:
            self.silent = group.subgroup(PeerSilent) is not None
            raise

    async def _hear(self, web_socket: WebSocket) -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(web_socket.beat, self._heartbeat)
            while True:
                frame = decode_frame(await web_socket.receive())
                answer = self._ears.answer_to(frame) if isinstance(frame, Envelope) else None
                if answer is not None and self._answers < ANSWERS:
                    self._answers += 1
                    nursery.start_soon(self._answered, web_socket, frame, answer)
                    continue
                acknowledgement = ack(frame, None if answer is None else {"options": []})
                if acknowledgement is not None:
                    await web_socket.send(acknowledgement)
                self._take(frame)

    async def _answered(self, web_socket: WebSocket, frame: Frame, answer: Answer) -> None:
        found: Mapping[str, object] = {"options": []}
        try:
            with trio.move_on_after(ANSWER):
                found = await answer()
        finally:
            self._answers -= 1
        await web_socket.send(ack(frame, found) or b"")

    def _take(self, frame: Frame) -> None:
        match frame:
            case Hello():
                self.hello = frame
                self.settled.set()
            case Disconnect(reason=reason):
                log.info("Slack announces the end of a socket: %s", reason)
                self.reason = reason
                self.leaving.set()
            case Envelope():
                self._ears.hear(frame)
            case Garbage(reason=reason):
                log.warning("a frame of Slack's cannot be read: %s", reason)
