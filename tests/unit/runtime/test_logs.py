"""Log lines: shape, levels, and what must never break or leak."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from enum import Enum
from pathlib import Path
from typing import TextIO

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from botkube.runtime.logs import JsonFormatter, configure, fields, full_traceback, parse_level
from botkube.runtime.override import override

log = logging.getLogger("botkube.plugins.host")


class Hidden(str):
    """A secret as a string."""

    __slots__ = ()

    @override
    def __repr__(self) -> str:
        return "Hidden(…)"


class Sealed(msgspec.Struct):
    """A secret as a struct, which msgspec would write out if asked to."""

    text: str

    @override
    def __repr__(self) -> str:
        return "Sealed(…)"


class Colour(Enum):
    RED = "red"


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def lines(write: Callable[[], object], level: str = "info") -> list[dict[str, object]]:
    stream = io.StringIO()
    configure(level, "json", colours=False, stream=stream)
    write()
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def text(write: Callable[[], object], *, colours: bool = False) -> str:
    stream = io.StringIO()
    configure("info", "text", colours=colours, stream=stream)
    write()
    return stream.getvalue()


def test_a_json_line() -> None:
    (entry,) = lines(lambda: log.info("started %s", "it", extra=fields(plugin="builtin/echo", n=3)))
    assert list(entry) == ["time", "level", "msg", "component", "plugin", "n"]
    assert str(entry.pop("time")).endswith("Z")
    assert entry == {
        "level": "info",
        "msg": "started it",
        "component": "plugins.host",
        "plugin": "builtin/echo",
        "n": 3,
    }


def fail() -> None:
    error = ExceptionGroup("g", [OSError("no route"), ValueError("bad")])
    log.error("it failed", exc_info=error)


def test_an_exception_is_two_fields_of_the_same_line() -> None:
    (entry,) = lines(fail)
    assert entry["level"] == "error"
    assert entry["error"] == "no route; bad"
    assert "OSError: no route" in str(entry["traceback"])


@pytest.mark.parametrize("secret", [Hidden("hunter2"), Sealed("hunter2")])
@pytest.mark.parametrize("wrap", [lambda s: s, lambda s: {"k": [s]}, lambda s: (s,)])
def test_a_secret_shows_its_repr(secret: object, wrap: Callable[[object], object]) -> None:
    (entry,) = lines(lambda: log.info("x", extra=fields(token=wrap(secret))))
    assert "hunter2" not in json.dumps(entry)
    assert type(secret).__name__ + "(…)" in json.dumps(entry, ensure_ascii=False)
    assert "hunter2" not in text(lambda: log.info("x", extra=fields(token=wrap(secret))))


def test_plain_data_stays_data() -> None:
    values = fields(a=None, b=True, c=1.5, d=[1, {"x": Path("/tmp")}], e=Colour.RED, f=OSError("o"))
    (entry,) = lines(lambda: log.info("x", extra=values))
    given = {name: entry[name] for name in "abcdef"}
    assert given == {"a": None, "b": True, "c": 1.5, "d": [1, {"x": "/tmp"}], "e": "red", "f": "o"}


def test_fields_may_have_any_name() -> None:
    (entry,) = lines(lambda: log.info("x", extra=fields(name="n", msg="m", args=1, level=2)))
    assert entry["name"] == "n"
    assert entry["msg"] == "x"
    assert entry["msg_"] == "m"
    assert entry["level_"] == 2


@given(st.text(st.characters()) | st.text(), st.integers() | st.floats() | st.text(st.characters()))
def test_any_content_is_one_valid_json_line(message: str, value: object) -> None:
    record = logging.LogRecord("botkube.x", logging.INFO, "", 0, message, None, None)
    record.__dict__.update(fields(value=value))
    line = JsonFormatter().format(record)
    assert "\n" not in line
    json.loads(line)
    line.encode()


@given(st.text(), st.text())
def test_any_content_is_one_text_line(message: str, value: str) -> None:
    written = text(lambda: log.info("%s", message, extra=fields(value=value)))
    assert written.endswith("\n")
    assert written[:-1].isprintable()


def test_a_text_line() -> None:
    written = text(lambda: log.warning("slow", extra=fields(plugin="a/b", why="two words", n=3)))
    assert written.split(" ", 1)[1] == (
        'warning plugins.host: slow plugin=a/b why="two words" n=3\n'
    )


def test_text_shows_a_traceback_below_its_line() -> None:
    written = text(fail).splitlines()
    assert written[0].endswith('it failed error="no route; bad"')
    assert all(line.startswith("    ") for line in written[1:])


def test_colours_only_on_request() -> None:
    assert "\x1b[33mwarning\x1b[0m" in text(lambda: log.warning("x"), colours=True)
    assert "\x1b" not in text(lambda: log.warning("\x1b[31mx"))


@pytest.mark.parametrize(
    ("word", "level"),
    [
        ("panic", logging.CRITICAL),
        ("fatal", logging.CRITICAL),
        ("error", logging.ERROR),
        ("WARN", logging.WARNING),
        ("warning", logging.WARNING),
        (" info ", logging.INFO),
        ("debug", logging.DEBUG),
        ("trace", 5),
        ("loud", logging.INFO),
        ("", logging.INFO),
    ],
)
def test_level_words(word: str, level: int) -> None:
    assert parse_level(word) == level


def test_levels_are_written_as_the_original_does() -> None:
    def write() -> None:
        for level in (5, 10, 15, 20, 30, 40, 50):
            log.log(level, "x")

    words = [entry["level"] for entry in lines(write, "trace")]
    assert words == ["trace", "debug", "debug", "info", "warning", "error", "fatal"]


def test_less_than_the_level_is_not_written() -> None:
    assert lines(lambda: log.info("x"), "error") == []


@pytest.mark.parametrize("name", ["hpack.hpack", "h2.connection", "httpcore.http11", "httpx"])
def test_libraries_that_log_secrets_are_quiet_at_any_level(name: str) -> None:
    library = logging.getLogger(name)
    assert lines(lambda: library.debug("authorization: hunter2"), "trace") == []
    assert len(lines(lambda: library.warning("x"), "trace")) == 1
    assert lines(lambda: library.warning("x"), "error") == []


def test_a_second_configuration_replaces_the_first() -> None:
    first, second = io.StringIO(), io.StringIO()
    configure("info", "json", colours=False, stream=first)
    configure("info", "json", colours=False, stream=second)
    log.info("x")
    assert first.getvalue() == ""
    assert len(second.getvalue().splitlines()) == 1


class Broken(io.StringIO):
    @override
    def write(self, s: str, /) -> int:
        raise BrokenPipeError


def closed() -> TextIO:
    stream = io.StringIO()
    stream.close()
    return stream


@pytest.mark.parametrize("stream", [Broken(), closed()], ids=["broken", "closed"])
def test_a_broken_stream_costs_the_line_only(
    stream: TextIO, capsys: pytest.CaptureFixture[str]
) -> None:
    configure("info", "text", colours=False, stream=stream)
    log.info("x")
    assert capsys.readouterr().err == ""


def test_wrong_arguments_cost_the_line_only() -> None:
    logging.getLogger().handlers.clear()  # pytest's own handler insists
    assert lines(lambda: log.info("%d", "x")) == []


def test_a_traceback_has_the_innermost_error_of_many_groups() -> None:
    error: Exception = KeyError("the guilty one")
    for _ in range(20):
        error = ExceptionGroup("a nursery", [error])
    assert "the guilty one" in full_traceback(error)
