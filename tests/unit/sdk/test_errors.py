"""How a failure of a plugin's code reaches the user."""

import logging

import pytest

from botkube.sdk.errors import UserError, failures_shown
from botkube.wire.errors import CallError


def status_and_text(error: Exception) -> tuple[str, str]:
    with pytest.raises(CallError) as raised, failures_shown():
        raise error
    return raised.value.status, raised.value.message


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (RuntimeError("two\nlines"), "two\nlines"),
        (KeyError("missing"), "KeyError: 'missing'"),
        (TimeoutError(), "TimeoutError"),
        (ExceptionGroup("nursery", [ExceptionGroup("inner", [OSError("one cause")])]), "one cause"),
        (ExceptionGroup("two things", [OSError(), OSError()]), "two things (2 sub-exceptions)"),
    ],
)
def test_an_unexpected_error_gives_its_text_and_a_traceback_in_the_log(
    error: Exception, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert status_and_text(error) == ("UNKNOWN", text)
    assert [(record.levelno, bool(record.exc_info)) for record in caplog.records] == [
        (logging.ERROR, True)
    ]


def test_an_error_meant_for_the_user_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    assert status_and_text(UserError("not today")) == ("UNKNOWN", "not today")
    assert not caplog.records


def test_a_status_chosen_by_the_plugin_is_kept() -> None:
    assert status_and_text(CallError("NOT_FOUND", "x")) == ("NOT_FOUND", "x")
