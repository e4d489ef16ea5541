"""Log output: how a record becomes a line, and which records do. Does not decide what is logged.

A line stays a line whatever is in it, a value that hides itself in its `repr` stays hidden, and a
broken stream costs the lines, never the program.
"""

import errno
import json
import logging
import os
import sys
import traceback
from collections.abc import Mapping
from enum import Enum
from pathlib import PurePath
from typing import Literal, TextIO

import msgspec

from botkube.runtime.clock import rfc3339
from botkube.runtime.override import override
from botkube.runtime.policy import describe

_DEEPEST = 100  # groups in groups

TRACE = 5
LEVELS: Mapping[str, int] = {  # the original's words (logrus)
    "panic": logging.CRITICAL,
    "fatal": logging.CRITICAL,
    "error": logging.ERROR,
    "warn": logging.WARNING,
    "warning": logging.WARNING,
    "info": logging.INFO,
    "debug": logging.DEBUG,
    "trace": TRACE,
}
WORDS: Mapping[int, str] = {
    logging.CRITICAL: "fatal",
    logging.ERROR: "error",
    logging.WARNING: "warning",
    logging.INFO: "info",
    logging.DEBUG: "debug",
    TRACE: "trace",
}
COLOURS: Mapping[str, str] = {
    "fatal": "\x1b[1;31m",
    "error": "\x1b[31m",
    "warning": "\x1b[33m",
    "info": "\x1b[36m",
}
QUOTED = frozenset(' "=')  # around a field of a text line they would be misread
RESET = "\x1b[0m"
GONE = (errno.EPIPE, errno.EBADF)
# They log headers and addresses with the secrets in them.
QUIET = ("hpack", "h2", "httpcore", "httpx", "trio-websocket")

Format = Literal["text", "json"]


def fields(**values: object) -> dict[str, object]:
    """Return the `extra` of a log call that adds these fields to its line."""
    return {"fields": values}  # one key: a field may be called `name` without breaking the record


def parse_level(word: str) -> int:
    """Return the logging level of one of the original's words; info for anything else."""
    return LEVELS.get(word.strip().lower(), logging.INFO)


def configure(level: str, fmt: Format, colours: bool, stream: TextIO) -> None:  # noqa: FBT001  # one call site, four plain settings
    """Send all records of this level and above to the stream, in place of an earlier configuration."""
    threshold = parse_level(level)
    handler = _Handler(stream)
    handler.setFormatter(JsonFormatter() if fmt == "json" else TextFormatter(colours=colours))
    root = logging.getLogger()
    for old in [h for h in root.handlers if isinstance(h, _Handler)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(threshold)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, threshold))


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, msg, component, the record's fields, error, traceback."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, object] = {
            "time": rfc3339(record.created),
            "level": _word(record.levelno),
            "msg": record.getMessage(),
            "component": _component(record.name),
        }
        for name, value in _fields_of(record).items():
            entry[name if name not in entry else f"{name}_"] = value
        return _encode(entry)


class TextFormatter(logging.Formatter):
    """A line for people: time, level, component, message, `name=value` fields; then a traceback."""

    def __init__(self, *, colours: bool) -> None:
        super().__init__()
        self._colours = colours

    @override
    def format(self, record: logging.LogRecord) -> str:
        word = _word(record.levelno)
        extra = _fields_of(record)
        trace = str(extra.pop("traceback", ""))
        parts = [
            rfc3339(record.created),
            self._paint(f"{word:<7}", word),
            f"{_component(record.name)}:",
            _printable(record.getMessage()),
            *(f"{name}={_value(value)}" for name, value in extra.items()),
        ]
        lines = [" ".join(parts), *(f"    {_printable(line)}" for line in trace.splitlines())]
        return "\n".join(lines)

    def _paint(self, text: str, word: str) -> str:
        colour = COLOURS.get(word) if self._colours else None
        return f"{colour}{text}{RESET}" if colour else text


class _Handler(logging.StreamHandler[TextIO]):
    @override
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802, ARG002  # logging's name
        # The standard one reports to stderr, which is what has just failed. Without a reader for
        # good, what is left in the stream's buffer would turn the exit code of the program into 120.
        error = sys.exc_info()[1]
        if isinstance(error, OSError) and error.errno in GONE:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            if nowhere != self.stream.fileno():  # a closed 2 is the number that open gives
                os.dup2(nowhere, self.stream.fileno())
                os.close(nowhere)


def _fields_of(record: logging.LogRecord) -> dict[str, object]:
    given: object = getattr(record, "fields", None)
    found = {str(k): plain(v) for k, v in given.items()} if isinstance(given, Mapping) else {}
    if record.exc_info and record.exc_info[1] is not None:
        error = record.exc_info[1]
        found["error"] = describe(error)
        found["traceback"] = full_traceback(error)
    return found


def full_traceback(error: BaseException) -> str:
    """Return a traceback with every error of nested groups: a tree of nurseries is deeper than the usual ten."""
    whole = traceback.TracebackException.from_exception(error, max_group_depth=_DEEPEST)
    return "".join(whole.format())


def plain(value: object) -> object:
    """Return a value as JSON can hold it; what is not plain data is shown by its `repr`."""
    match value:
        case Enum():
            return plain(value.value)
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [plain(item) for item in value]
        case _:
            return _scalar(value)


def _scalar(value: object) -> object:
    if value is None or type(value) in {bool, int, float, str}:  # a subclass may hide its text
        return value
    if isinstance(value, PurePath):
        return str(value)
    return describe(value) if isinstance(value, BaseException) else repr(value)


def _encode(entry: Mapping[str, object]) -> str:
    try:
        return msgspec.json.encode(entry).decode()
    except (UnicodeEncodeError, OverflowError):  # lone surrogates, integers beyond 64 bits
        return json.dumps(entry)


def _component(name: str) -> str:
    return name.removeprefix("botkube.")


def _word(level: int) -> str:
    return WORDS.get(level) or next((w for n, w in WORDS.items() if n <= level), "trace")


def _value(value: object) -> str:
    text = value if isinstance(value, str) else _encode_value(value)
    if text.isprintable() and not set(text) & QUOTED and text:
        return text
    return _printable(json.dumps(text, ensure_ascii=False))


def _encode_value(value: object) -> str:
    return _encode({"": value})[4:-1]


def _printable(text: str) -> str:
    # Control characters could forge lines or drive the terminal.
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
