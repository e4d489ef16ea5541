"""Reads what a plugin writes to stderr: hclog's JSON objects, `[WARN]` prefixes and plain lines; pure.

The format is that of HashiCorp's go-hclog and go-plugin's client. Tolerant on purpose: no line a plugin
may print is an error here, whatever the types of its `@` fields.
"""

from collections.abc import Mapping
from typing import Literal, get_args

import msgspec

MAX_LINE = 64 * 1024

Level = Literal["trace", "debug", "info", "warning", "error"]

_PREFIXES: Mapping[bytes, Level] = {
    b"[TRACE]": "trace",
    b"[DEBUG]": "debug",
    b"[INFO]": "info",
    b"[WARN]": "warning",
    b"[ERROR]": "error",
}
_PANIC = (b"panic: ", b"fatal error: ")
_OBJECTS = msgspec.json.Decoder(dict[str, object])


class LogLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line for our log; `level` is None where the plugin gave none."""

    level: Level | None
    message: str
    fields: Mapping[str, object] = {}


def parse_line(line: bytes) -> LogLine:
    """Read one line without its end."""
    line = line.rstrip()
    if line.startswith(b"{"):
        try:
            return _from_object(_OBJECTS.decode(line))
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            pass  # a line that only looks like JSON is text
    prefix = line[:7].partition(b"]")[0] + b"]"
    if level := _PREFIXES.get(prefix):
        return LogLine(level=level, message=_text(line[len(prefix) :].lstrip()))
    return LogLine(level=None, message=_text(line))


class LineReader:
    """Cuts one pipe into log lines; lines over 64 KiB come in pieces, all after a Go panic are errors."""

    def __init__(self, untagged: Level) -> None:
        self._untagged: Level = untagged
        self._rest = b""
        self._skipping = False
        self.panic: str | None = None

    def feed(self, data: bytes) -> list[LogLine]:
        """Take bytes as they came and return the lines they complete."""
        if self._skipping:
            _, found, data = data.partition(b"\n")
            self._skipping = not found
        *lines, self._rest = (self._rest + data).split(b"\n")
        found_lines = [self._read(piece) for line in lines for piece in _pieces(line)]
        while len(self._rest) >= MAX_LINE:
            found_lines.append(self._read(self._rest[:MAX_LINE]))
            self._rest = self._rest[MAX_LINE:]
        return found_lines

    def skip(self, data: bytes) -> None:
        """Pass over bytes nobody is to see; reading resumes at the next full line."""
        self._rest = b""
        self._skipping = not data.endswith(b"\n")

    def end(self) -> list[LogLine]:
        """Return the unfinished last line, if any."""
        return self.feed(b"\n") if self._rest else []

    def _read(self, line: bytes) -> LogLine:
        if self.panic is None and line.startswith(_PANIC):
            self.panic = _text(line.rstrip())
        parsed = parse_line(line)
        if parsed.level is not None:
            return parsed
        level: Level = "error" if self.panic is not None else self._untagged
        return msgspec.structs.replace(parsed, level=level)


def _from_object(found: dict[str, object]) -> LogLine:
    message = found.pop("@message", "")
    level = str(found.pop("@level", "")).strip().lower()
    found.pop("@timestamp", None)  # our own log line has its time
    return LogLine(
        level=_level(level),
        message=message if isinstance(message, str) else msgspec.json.encode(message).decode(),
        fields={name.removeprefix("@"): value for name, value in found.items()},
    )


def _level(word: str) -> Level | None:
    word = "warning" if word == "warn" else word
    return next((level for level in get_args(Level) if level == word), None)


def _pieces(line: bytes) -> list[bytes]:
    return [line[at : at + MAX_LINE] for at in range(0, len(line), MAX_LINE)]


def _text(line: bytes) -> str:
    return line.decode("utf-8", "replace")
