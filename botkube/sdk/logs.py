"""A plugin's log: one JSON object per line on stderr, in the form of HashiCorp's hclog, which hosts understand.

`@message`, `@level` and `@timestamp` are always text: other types make a Go host panic.
"""

import logging
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, TextIO

import msgspec

from botkube.runtime.override import override

_LEVELS: Final[Mapping[str, int]] = {
    "panic": logging.CRITICAL,
    "fatal": logging.CRITICAL,
    "error": logging.ERROR,
    "warning": logging.WARNING,
    "warn": logging.WARNING,
    "info": logging.INFO,
    "debug": logging.DEBUG,
    "trace": 5,
}
_LEVEL_VARIABLE: Final = "LOG_LEVEL_"
_LONGEST: Final = 8192  # characters of one text
_LONGEST_LINE: Final = (
    60 * 1024
)  # hosts read lines of at most 64 KiB, and take what is longer for text
_CUT: Final = 1000
_CUT_KEYS: Final = 5
_CUT_KEY: Final = 100
_OWN_KEYS: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class HclogFormatter(logging.Formatter):
    """Writes a record with its `extra` as one line."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without a newline."""
        at = datetime.fromtimestamp(record.created, UTC)
        line: dict[str, object] = {
            "@level": _level_word(record.levelno),
            "@message": record.getMessage()[:_LONGEST],
            "@timestamp": at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "@module": record.name,
        }
        line.update(_extras(record))
        if record.exc_info:
            # The end of a traceback says what failed.
            line["exception"] = "".join(traceback.format_exception(*record.exc_info))[-_LONGEST:]
        written = _to_json(line)
        return written if len(written.encode()) <= _LONGEST_LINE else _to_json(_cut(line))


def configure_logging(environ: Mapping[str, str], stream: TextIO) -> None:
    """Send all logging to `stream`, at the level the host chose for this plugin, else info."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(HclogFormatter())
    logging.basicConfig(handlers=[handler], level=level_from(environ), force=True)
    for noisy in ("hpack", "h2"):  # they log every header with its value
        logging.getLogger(noisy).setLevel(logging.WARNING)


def level_from(environ: Mapping[str, str]) -> int:
    """Return the level of the one `LOG_LEVEL_…` variable that a host passes on to a plugin."""
    words = [value for name, value in environ.items() if name.startswith(_LEVEL_VARIABLE)]
    return _LEVELS.get(words[0].strip().lower(), logging.INFO) if words else logging.INFO


def _level_word(level: int) -> str:
    if level >= logging.ERROR:
        return "error"
    if level >= logging.WARNING:
        return "warn"
    if level >= logging.INFO:
        return "info"
    return "debug" if level >= logging.DEBUG else "trace"


def _extras(record: logging.LogRecord) -> dict[str, object]:
    given = {key: value for key, value in vars(record).items() if key not in _OWN_KEYS}
    grouped = given.pop("fields", None)  # the form that botkube.runtime.logs.fields makes
    if isinstance(grouped, Mapping):
        given.update(grouped)
    return {key.lstrip("@"): value for key, value in given.items()}


def _cut(line: Mapping[str, object]) -> Mapping[str, object]:
    """Give the beginnings of as much as has room whatever is in it: a character may take six bytes."""
    own = {key: str(line[key])[:_CUT] for key in ("@level", "@message", "@timestamp", "@module")}
    rest = [
        (key[:_CUT_KEY], str(value)[-_CUT:] if key == "exception" else str(value)[:_CUT])
        for key, value in line.items()
        if key not in own
    ]
    return {**own, **dict(rest[-_CUT_KEYS:]), "cut": True}


def _to_json(line: Mapping[str, object]) -> str:
    try:
        return msgspec.json.encode(line, enc_hook=repr).decode()
    except (
        ValueError,
        TypeError,
        RecursionError,
    ):  # a lone surrogate, a key that is no text, a cycle
        texts = {key: str(value).encode(errors="replace").decode() for key, value in line.items()}
        return msgspec.json.encode(texts).decode()
