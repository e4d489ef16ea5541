"""Checks minisign signatures of indexes. Blocking, for a thread; the library for it is loaded with the first one."""

import re
from typing import Final, Literal

Policy = Literal["require", "warn", "off"]

SUFFIX: Final = ".minisig"
LONGEST: Final = 16 << 10
_TIMESTAMP: Final = re.compile(r"(?:^|\s)timestamp:(\d{1,15})(?:\s|$)")


class BadSignature(ValueError):
    """The signature does not prove what it should; the text completes a sentence that begins with the index."""


def check_signature(content: bytes, signature: bytes, public_key: str, newest: int = 0) -> int:
    """Return when the content was signed, 0 if that is not said; `newest` is the last such time that was seen.

    Raises: BadSignature.
    """
    import minisign  # noqa: PLC0415 - 17 MiB of memory, only where something is signed

    if not signature:
        raise BadSignature("is not signed")
    try:
        key = minisign.PublicKey.from_base64(public_key.rsplit(maxsplit=1)[-1])
        given = minisign.Signature.from_bytes(signature)
        key.verify(content, given)
    except (minisign.Error, IndexError) as error:
        raise BadSignature(f"is not signed by the key in signature.publicKey: {error}") from error
    found = _TIMESTAMP.search(given.trusted_comment)
    signed_at = int(found[1]) if found else 0
    if signed_at < newest:
        raise BadSignature("is older than the one that was seen before: it may be replayed")
    return signed_at
