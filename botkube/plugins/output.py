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
_READ_RATE = 32 * 2**20
_READ_BURST = 4 * 2**20
_CHUNK_COST = 8 * 1024  # one gRPC message costs us about as much as reading this much from a pipe
_SUMMARY_INTERVAL = 5.0
_LAST_BYTES = 2048
_LAST_LINES = 3
_LAST_LENGTH = 200


class PluginOutput:
    """The four channels of one plugin process; each verb returns how long its reader is to pause."""

    def __init__(
        self, key: PluginKey, now: Callable[[], float], level: int = logging.NOTSET
    ) -> None:
        self._plugin = str(key)
        self._now = now
        self._log = log.getChild(f"{key.kind}/{key.repo}/{key.name}".replace(".", "_"))
        self._log.setLevel(level)
        self._stdout = LineReader("debug")
        self._stderr = LineReader("debug")
        self._mirrored = {"stdout": LineReader("debug"), "stderr": LineReader("error")}
        self._logged = Budget(rate=_LOG_RATE, burst=_LOG_BURST, now=now())
        self._read = Budget(rate=_READ_RATE, burst=_READ_BURST, now=now())
        self._excess = 0
        self._summary_at = 0.0
        self._tail = b""

    def stdout(self, data: bytes) -> float:
        """Log what came on the real stdout after the handshake."""
        return self._take(self._stdout, data)

    def stderr(self, data: bytes) -> float:
        """Log what came on the real stderr."""
        self._tail = (self._tail + data[-_LAST_BYTES:])[-_LAST_BYTES:]
        return self._take(self._stderr, data)

    def stdio(self, chunk: StdioChunk) -> float:
        """Log what the plugin's StreamStdio mirrored."""
        pause = self._take(self._mirrored[chunk.channel], chunk.data)
        return max(pause, self._read.owe(_CHUNK_COST, self._now()))

    def end(self) -> None:
        """Log unfinished lines and what was left out."""
        for reader in (self._stdout, self._stderr, *self._mirrored.values()):
            self._write(reader.end())
        self._summarise()

    def last_words(self) -> str:
        """Give the panic message or else the last lines of stderr, for an error message."""
        if self._stderr.panic:
            return self._stderr.panic[:_LAST_LENGTH]
        lines = [parse_line(line).message.strip() for line in self._tail.splitlines()]
        return " / ".join([line[:_LAST_LENGTH] for line in lines if line][-_LAST_LINES:])

    def _take(self, reader: LineReader, data: bytes) -> float:
        now = self._now()
        if self._logged.take(len(data), now):
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
            text = "plugin prints more than is logged: %d bytes left out"
            log.warning(
                text, self._excess, extra=fields(plugin=self._plugin, left_out=self._excess)
            )
        self._excess = 0

    def _write(self, lines: list[LogLine]) -> None:
        for line in lines:
            level = _LEVELS[line.level or "debug"]
            if line.message and self._log.isEnabledFor(level):
                self._log.log(level, "%s", line.message, extra=self._extra(line))

    def _extra(self, line: LogLine) -> dict[str, object]:
        return fields(**{**line.fields, "plugin": self._plugin})
