"""Turns what a plugin prints into our log, within a budget, and remembers its last words.

Two budgets per plugin: how much is logged (the excess is counted and summarised), and how fast its pipes
are read at all, so that a flood costs us a bounded share of a processor.
"""

import logging
from collections.abc import Callable, Mapping

from botkube.model.plugin import PluginKey
from botkube.plugins.budget import Budget
from botkube.plugins.hclog import Level, LineReader, LogLine, parse_line
from botkube.runtime.logs import fields
from botkube.runtime.terminal import without_controls
from botkube.wire.messages import StdioChunk

log = logging.getLogger(__name__)

_LEVELS: Mapping[Level, int] = {
    "trace": 5,
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}
_LOG_RATE = 256 * 1024
_LOG_BURST = 2**20
READ_RATE = 32 * 2**20
_READ_BURST = 1 / 8  # of what is read in a second
_LINE_COST = (
    256  # a line costs us as much as so many bytes of a long one: 64 KiB may be as many lines
)
_CHUNK_COST = 8 * 1024  # one gRPC message costs us about as much as reading this much from a pipe
_SUMMARY_INTERVAL = 5.0
_LAST_BYTES = 2048
_LAST_LINES = 3
_LAST_LENGTH = 200


def of_plugin(key: PluginKey, **more: object) -> dict[str, object]:
    """Return the `extra` of a log call about a plugin that is not the plugin's own."""
    return fields(plugin=str(key), **more) | {"kind": key.kind}


class PluginOutput:
    """The four channels of one plugin process; each verb returns how long its reader is to pause."""

    def __init__(
        self,
        key: PluginKey,
        now: Callable[[], float],
        level: int = logging.NOTSET,
        read_rate: int = READ_RATE,
    ) -> None:
        self._key, self._plugin = key, str(key)
        self._now = now
        self._log = log.getChild(f"{key.kind}/{key.repo}/{key.name}".replace(".", "_"))
        self._log.setLevel(level)
        self._stdout = LineReader("debug")
        self._stderr = LineReader("debug")
        self._mirrored = {"stdout": LineReader("debug"), "stderr": LineReader("error")}
        self._logged = Budget(rate=_LOG_RATE, burst=_LOG_BURST, now=now())
        self._read = Budget(rate=read_rate, burst=read_rate * _READ_BURST, now=now())
        self._excess = 0
        self._summary_at = 0.0
        self._tails = {"real": b"", "mirrored": b""}

    def stdout(self, data: bytes) -> float:
        """Log what came on the real stdout after the handshake."""
        return self._take(self._stdout, data)

    def stderr(self, data: bytes) -> float:
        """Log what came on the real stderr."""
        self._remember("real", data)
        return self._take(self._stderr, data)

    def stdio(self, chunk: StdioChunk) -> float:
        """Log what the plugin's StreamStdio mirrored."""
        if chunk.channel == "stderr":
            self._remember("mirrored", chunk.data)
        pause = self._take(self._mirrored[chunk.channel], chunk.data)
        return max(pause, self._read.owe(_CHUNK_COST, self._now()))

    def end(self) -> None:
        """Log unfinished lines and what was left out."""
        for reader in (self._stdout, self._stderr, *self._mirrored.values()):
            self._write(reader.end())
        self._summarise()

    def last_lines(self) -> tuple[str, ...]:
        """Give the panic message or else the last lines of stderr, for an error message.

        What a Go plugin logs comes mirrored: the SDK has taken its stderr over.
        """
        if self._stderr.panic:
            return (without_controls(self._stderr.panic)[:_LAST_LENGTH],)
        return _telling(self._tails["real"]) or _telling(self._tails["mirrored"])

    def _remember(self, channel: str, data: bytes) -> None:
        self._tails[channel] = (self._tails[channel] + data[-_LAST_BYTES:])[-_LAST_BYTES:]

    def _take(self, reader: LineReader, data: bytes) -> float:
        now = self._now()
        if self._logged.take(len(data) + _LINE_COST * data.count(b"\n"), now):
            self._write(reader.feed(data))
        else:
            reader.skip(data)
            self._left_out(len(data), now)
        return self._read.owe(len(data), now)

    def _left_out(self, size: int, now: float) -> None:
        if not self._excess:
            self._summary_at = now + _SUMMARY_INTERVAL
        self._excess += size
        if now >= self._summary_at:
            self._summarise()

    def _summarise(self) -> None:
        if self._excess:
            text = "the plugin %s prints more than is logged: %d bytes left out"
            extra = of_plugin(self._key, left_out=self._excess)
            log.warning(text, self._plugin, self._excess, extra=extra)
        self._excess = 0

    def _write(self, lines: list[LogLine]) -> None:
        for line in lines:
            level = _LEVELS[line.level or "debug"]
            if line.message and self._log.isEnabledFor(level):
                self._log.log(level, "%s", line.message, extra=self._extra(line))

    def _extra(self, line: LogLine) -> dict[str, object]:
        return fields(**{**line.fields, "plugin": self._plugin})


def _telling(tail: bytes) -> tuple[str, ...]:
    """The last lines that say something: not what is only there to debug a plugin, as go-plugin's own."""
    parsed = [(parse_line(line), line) for line in tail.splitlines()]
    texts = [
        without_controls(line.message or raw.decode("utf-8", "replace")).strip()
        for line, raw in parsed
        if line.level not in {"trace", "debug"}
    ]
    return tuple([text[:_LAST_LENGTH] for text in texts if text][-_LAST_LINES:])
