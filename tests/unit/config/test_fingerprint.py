"""Fingerprints change with every value, and with nothing else."""

import msgspec
import pytest

from botkube.config.fingerprint import fingerprint
from botkube.config.schema.groups import PluginEntry
from botkube.config.schema.platforms import SocketSlack
from botkube.config.schema.root import Config
from botkube.config.schema.values import Secret


def test_equal_values_have_equal_fingerprints() -> None:
    first = PluginEntry(config={"a": 1, "b": [True, None]})
    assert fingerprint(first) == fingerprint(PluginEntry(config={"b": [True, None], "a": 1}))
    assert fingerprint(Config()) == fingerprint(Config())


def test_every_change_shows_also_of_a_secret() -> None:
    slack = SocketSlack(bot_token=Secret("a"))
    changed = (
        msgspec.structs.replace(slack, bot_token=Secret("b")),
        msgspec.structs.replace(slack, enabled=True),
    )
    assert len({fingerprint(s) for s in (slack, *changed)}) == 3


def test_only_values_of_a_configuration_have_one() -> None:
    with pytest.raises(NotImplementedError):
        fingerprint(PluginEntry(config=object()))


def test_it_does_not_hold_the_secret() -> None:
    assert "hush" not in fingerprint(SocketSlack(bot_token=Secret("hush")))
