"""Lengths of time, both ways."""

import msgspec
import pytest

from botkube.runtime.duration import parse_duration
from botkube.sdk.lengths import Duration, duration, read_custom, schema_of_custom, write_custom


@pytest.mark.parametrize("text", ["0s", "3s", "1m30s", "2h", "1h0.5s", "250ms", "-1m", "1h2m3.25s"])
def test_a_length_is_written_as_it_is_read(text: str) -> None:
    assert parse_duration(str(Duration(parse_duration(text)))) == parse_duration(text)


def test_the_shortest_form_is_used() -> None:
    assert [str(Duration(value)) for value in (0, 90, 3600, 0.25)] == ["0s", "1m30s", "1h", "250ms"]


def test_a_default_is_a_length() -> None:
    class Settings(msgspec.Struct):
        every: Duration = duration("1m")

    assert float(Settings().every) == 60.0
    with pytest.raises(ValueError, match="is not a duration"):
        duration("soon")


def test_other_types_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot be a bytes"):
        read_custom(bytes, "x")
    with pytest.raises(NotImplementedError, match="complex"):
        write_custom(1j)
    with pytest.raises(NotImplementedError, match="complex"):
        schema_of_custom(complex)
