"""Signs indexes with a key of minisign. Blocking, for a thread: an encrypted key takes a second by design."""

from collections.abc import Callable
from typing import Protocol, SupportsBytes

from botkube.packages.errors import PackageRefused
from botkube.packages.index.signature import check_signature


class _Secret(Protocol):
    """What is used of the library's key."""

    def sign(self, data: bytes, *, trusted_comment: str) -> SupportsBytes:
        """Sign."""
        ...


class SigningKey:
    """A key that can sign; made by `open_key`. `public_key` is what proves its signatures."""

    def __init__(self, secret: _Secret, public_key: str) -> None:
        self._secret = secret
        self.public_key = public_key

    def sign(self, content: bytes, comment: str) -> bytes:
        """Return what stands in the `.minisig` file of a content.

        `comment` is signed too, and should hold `timestamp:SECONDS`: an older index is not taken for a newer one then.
        """
        signature = bytes(self._secret.sign(content, trusted_comment=comment)) + b"\n"
        check_signature(content, signature, self.public_key)
        return signature


def open_key(content: bytes, password: Callable[[], str]) -> SigningKey:
    """Read what stands in a file of `minisign -G`; `password` is asked if that is encrypted.

    Raises: PackageRefused if the key cannot be used; what `password` raises.
    """
    import minisign  # noqa: PLC0415 - 17 MiB of memory, only where something is signed

    try:
        secret = minisign.SecretKey.from_bytes(content.strip() + b"\n")
        if secret.is_encrypted():
            secret.decrypt(password())
        public = bytes(secret.get_public_key().to_base64()).decode()
    except (minisign.Error, ValueError) as error:
        raise PackageRefused(f"the key cannot be used to sign: {error}") from error
    return SigningKey(secret, public)
