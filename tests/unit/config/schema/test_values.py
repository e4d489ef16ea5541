"""Secrets do not get out by accident."""

import msgspec
import pytest

from botkube.config.schema.values import Secret


def test_a_secret_hides_its_text() -> None:
    secret = Secret("xoxb-1")
    assert "xoxb" not in f"{secret} {secret!r} {[secret]}"
    assert secret.reveal() == "xoxb-1"


def test_a_secret_cannot_be_encoded() -> None:
    with pytest.raises(TypeError):
        msgspec.json.encode(Secret("xoxb-1"))


def test_secrets_compare_by_text() -> None:
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert len({Secret("a"), Secret("a")}) == 1
    assert not Secret()
    assert Secret("a")
