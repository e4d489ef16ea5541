"""Signatures by keys of minisign, with a password and without."""

import minisign
import pytest

from botkube.packages.errors import PackageRefused
from botkube.packages.index.sign import open_key
from botkube.packages.index.signature import BadSignature, check_signature

CONTENT = b"entries: []\n"
COMMENT = "timestamp:1800000000\tfile:index.yaml"


def key(password: str = "") -> bytes:
    secret = minisign.KeyPair.generate().secret_key
    if password:
        secret.encrypt(password, opslimit=32768, memlimit=1 << 20)
    return bytes(secret) + b"\n"


@pytest.mark.parametrize("password", ["", "sésame"])
def test_what_is_signed_is_proven(password: str) -> None:
    asked: list[str] = []

    def ask() -> str:
        asked.append("once")
        return password

    opened = open_key(key(password), ask)
    signature = opened.sign(CONTENT, COMMENT)
    assert check_signature(CONTENT, signature, opened.public_key) == 1_800_000_000
    assert asked == ["once"] * bool(password)
    with pytest.raises(BadSignature):
        check_signature(CONTENT + b"x", signature, opened.public_key)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (b"", "cannot be used to sign"),
        (b"untrusted comment: x\nAAAA\n", "cannot be used to sign"),
        (key("right"), "wrong password"),
    ],
)
def test_a_key_that_cannot_sign_says_why(given: bytes, words: str) -> None:
    with pytest.raises(PackageRefused, match=words):
        open_key(given, lambda: "wrong")
