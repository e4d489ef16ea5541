import pytest

from botkube.runtime.duration import parse_duration, show_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        ("-0", 0.0),
        ("10s", 10.0),
        ("1m30s", 90.0),
        ("1.5h", 5400.0),
        ("-.5m", -30.0),
        ("+700ms", 0.7),
        ("3us", 3e-6),
        ("3\u00b5s", 3e-6),
        ("3\u03bcs", 3e-6),
        ("10ns", 1e-8),
        ("1h0m0.25s", 3600.25),
    ],
)
def test_go_durations(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "text",
    ["", "5", "s", ".s", "1 s", "1s ", "1d", "--1s", "1e3s", "٣s", "2562048h", "1" * 70 + "s"],
)
def test_what_go_refuses(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-1, "0.0 s"),
        (0.04, "0.0 s"),
        (0.44, "0.4 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (12.4, "12 s"),
        (99.4, "99 s"),
        (99.6, "1 m 40 s"),
        (290, "4 m 50 s"),
        (300, "5 m"),
        (3599.7, "1 h"),
        (7500, "2 h 5 m"),
    ],
)
def test_how_a_length_of_time_is_shown(seconds: float, text: str) -> None:
    assert show_duration(seconds) == text
