import pytest

from botkube.builtin import NAMES, serve
from botkube.config.check.plugins import BUILTIN


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    assert NAMES == {"echo": "executor", "heartbeat": "source"}
    with pytest.raises(LookupError, match="echo, heartbeat"):
        serve("nothing")


def test_the_configuration_check_knows_the_same_names() -> None:
    assert {(kind, name) for kind, names in BUILTIN.items() for name in names} == {
        (kind, name) for name, kind in NAMES.items()
    }
