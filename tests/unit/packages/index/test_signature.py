import base64
import subprocess
import sys

import pytest

from botkube.packages.index.signature import BadSignature, check_signature
from tests.fakes.signing import Signer

CONTENT = b"entries: []\n"
SIGNER = Signer()
GOOD = SIGNER.sign(CONTENT, 1000)


@pytest.mark.parametrize("prehash", [True, False])
def test_a_good_signature_says_when(*, prehash: bool) -> None:
    assert (
        check_signature(CONTENT, SIGNER.sign(CONTENT, 7, prehash=prehash), SIGNER.public_key) == 7
    )
    assert check_signature(CONTENT, SIGNER.sign(CONTENT, 0), SIGNER.public_key) == 0
    whole_file = f"untrusted comment: a key\n{SIGNER.public_key}\n"
    assert check_signature(CONTENT, GOOD, whole_file, newest=1000) == 1000


def flipped(signature: bytes) -> bytes:
    lines = signature.splitlines()
    raw = bytearray(base64.b64decode(lines[1]))
    raw[20] ^= 1
    return b"\n".join([lines[0], base64.b64encode(raw), *lines[2:]])


@pytest.mark.hostile("signature")
@pytest.mark.parametrize(
    ("content", "signature", "key", "words"),
    [
        (CONTENT, b"", SIGNER.public_key, "is not signed"),
        (CONTENT + b"#", GOOD, SIGNER.public_key, "verification failed"),
        (CONTENT, flipped(GOOD), SIGNER.public_key, "verification failed"),
        (CONTENT, GOOD.replace(b"timestamp:1000", b"timestamp:9999"), SIGNER.public_key, "failed"),
        (CONTENT, Signer().sign(CONTENT), SIGNER.public_key, "incompatible key"),
        (CONTENT, b"<html>", SIGNER.public_key, "not signed by the key"),
        (CONTENT, b"\xff" * 500, SIGNER.public_key, "not signed by the key"),
        (CONTENT, GOOD, "RWQ", "not signed by the key"),
        (CONTENT, GOOD, "", "not signed by the key"),
        (CONTENT, SIGNER.sign(CONTENT, 999), SIGNER.public_key, "older than the one"),
        (CONTENT, SIGNER.sign(CONTENT, 0), SIGNER.public_key, "older than the one"),
    ],
    ids=[
        "no signature",
        "other content",
        "flipped bit",
        "other time",
        "other key",
        "a page",
        "noise",
        "short key",
        "no key",
        "older",
        "without a time",
    ],
)
def test_what_proves_nothing(content: bytes, signature: bytes, key: str, words: str) -> None:
    with pytest.raises(BadSignature, match=words):
        check_signature(content, signature, key, newest=1000)


def test_the_library_is_loaded_only_where_something_is_signed() -> None:
    """It takes 17 MiB."""
    text = "import sys, botkube.packages.download.source; print('cryptography' in sys.modules, 'httpx' in sys.modules)"
    done = subprocess.run([sys.executable, "-Pc", text], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
