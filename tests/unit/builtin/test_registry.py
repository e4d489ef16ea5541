import pytest

from botkube.builtin import NAMES, serve


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    assert NAMES == {"echo": "executor", "heartbeat": "source"}
    with pytest.raises(LookupError, match="echo, heartbeat"):
        serve("nothing")
