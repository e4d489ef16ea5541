"""Log lines in the form that hosts read."""

import io
import json
import logging
import re
from collections.abc import Iterator, Mapping

import pytest

from botkube.sdk.logs import HclogFormatter, configure_logging, level_from


def formatted(level: int, text: object, *args: object, **extra: object) -> dict[str, object]:
    record = logging.LogRecord("my.plugin", level, __file__, 1, text, args, None)
    vars(record).update(extra)
    line = HclogFormatter().format(record)
    assert "\n" not in line
    found: dict[str, object] = json.loads(line)
    return found


def test_a_line_has_the_four_keys_and_the_extras() -> None:
    line = formatted(logging.INFO, "hello %s\n2", "you", pod="web", fields={"n": 1})
    at = line.pop("@timestamp")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", str(at))
    assert line == {
        "@level": "info",
        "@message": "hello you\n2",
        "@module": "my.plugin",
        "pod": "web",
        "n": 1,
    }


@pytest.mark.parametrize(
    ("level", "word"),
    [(5, "trace"), (10, "debug"), (20, "info"), (30, "warn"), (40, "error"), (50, "error")],
)
def test_levels_are_words_of_hclog(level: int, word: str) -> None:
    assert formatted(level, "x")["@level"] == word


def test_nothing_can_make_the_keys_of_the_host_anything_but_text() -> None:
    line = formatted(
        logging.INFO, 5, **{"@level": 1, "@message": None, "odd": object, "bad": "\ud800"}
    )
    assert (line["@level"], line["@message"]) == ("info", "5")
    assert line["bad"] == "?"


def test_an_exception_is_one_field_and_long_texts_are_cut() -> None:
    error = ValueError("x" * 20_000 + "the end")
    line = formatted(logging.ERROR, "y" * 20_000, exc_info=(ValueError, error, None))
    assert str(line["exception"]).rstrip().endswith("the end")
    assert len(json.dumps(line)) < 2**16


def test_a_line_is_never_longer_than_hosts_read() -> None:
    extras = {f"key{n}" * 99: "\x01" * 90_000 for n in range(20)}
    line = formatted(logging.INFO, "\x01" * 20_000, **extras)
    assert len(json.dumps(line)) < 2**16
    assert (line["@level"], line["@message"]) == ("info", "\x01" * 1000)
    assert line["cut"] is True
    short = formatted(logging.INFO, "kept", pod="web", big="x" * 90_000)
    assert (short["@message"], short["pod"], short["big"]) == ("kept", "web", "x" * 1000)


@pytest.mark.parametrize(
    ("environ", "level"),
    [
        ({}, logging.INFO),
        ({"LOG_LEVEL_EXECUTOR_BOTKUBE_ECHO": " Debug "}, logging.DEBUG),
        ({"LOG_LEVEL_SOURCE_R_P": "warning"}, logging.WARNING),
        ({"LOG_LEVEL_SOURCE_R_P": "loud"}, logging.INFO),
    ],
)
def test_the_level_is_the_one_the_host_passes_on(environ: Mapping[str, str], level: int) -> None:
    assert level_from(environ) == level


@pytest.fixture
def kept_logging() -> Iterator[None]:
    root = logging.getLogger()
    before = (root.level, root.handlers[:])
    root.handlers = []
    yield
    root.level, root.handlers = before


@pytest.mark.usefixtures("kept_logging")
def test_all_logging_goes_to_the_stream() -> None:
    stream = io.StringIO()
    configure_logging({}, stream)
    logging.getLogger("a").info("one")
    logging.getLogger("a").debug("two")
    logging.getLogger("hpack").info("secret header")
    assert [json.loads(line)["@message"] for line in stream.getvalue().splitlines()] == ["one"]
