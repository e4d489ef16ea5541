"""How much of what a peer sends is dealt with: in one turn, and at all. Does no I/O; the caller brings the time."""

from typing import Final

from h2.exceptions import ProtocolError
from h2.frame_buffer import FrameBuffer
from hyperframe.frame import Frame

from botkube.runtime.override import override

_TURN: Final = 64  # frames; of those that are not data, bytes count too
_SMALL: Final = 64
_DATA: Final = b"\0"
_BURST: Final = 20_000
_EACH_SECOND: Final = 1000
_EACH_CALL: Final = 20


class Allowance:
    """How many frames that carry nothing a peer may send: some for each call, and more as time passes.

    grpc-go pings back for nearly every request, which is many; a flood of settings to acknowledge is far more.
    """

    def __init__(self, now: float) -> None:
        self._left = float(_BURST)
        self._at = now
        self._calls = self._frames = 0

    def covers(self, frames: int, calls: int, now: float) -> bool:
        """Take the counts of the connection so far; False if there were too many frames."""
        earned = (now - self._at) * _EACH_SECOND + (calls - self._calls) * _EACH_CALL
        self._left = min(self._left + earned, _BURST) - (frames - self._frames)
        self._at, self._calls, self._frames = now, calls, frames
        return self._left >= 0


class FairFrameBuffer(FrameBuffer):
    """Hands out a turn's worth of frames for each `for`, and refuses one that is too large by its announced length.

    A read of 64 KiB has four frames of data, or seven thousand settings to acknowledge, which took a tenth of a
    second. And h2 waits for all of a frame, which may be 16 MiB, before it looks at the length.
    """

    def __init__(self, *, server: bool) -> None:
        super().__init__(server=server)
        self._left = _TURN
        self.unread = False

    @override
    def __iter__(self) -> "FairFrameBuffer":
        self._left, self.unread = _TURN, False
        return self

    @override
    def __next__(self) -> Frame:
        if self._left <= 0:
            self.unread = True
            raise StopIteration
        begin = bytes(self._data[:5])
        if begin == b"HTTP/":
            raise ProtocolError("it answers in HTTP/1")
        if len(begin) > 3:  # noqa: PLR2004 - the length, and the type
            length = int.from_bytes(begin[:3], "big")
            self._validate_frame_length(length)
            self._left -= 1 if begin[3:4] == _DATA else 1 + length // _SMALL
        return super().__next__()
