"""A maintainer's key for indexes."""

import minisign


class Signer:
    """A key pair, new each time."""

    def __init__(self) -> None:
        self._pair = minisign.KeyPair.generate()
        self.public_key = self._pair.public_key.to_base64().decode()

    def sign(self, content: bytes, at: int = 1_800_000_000, *, prehash: bool = True) -> bytes:
        """The content of a `.minisig` file."""
        comment = f"timestamp:{at}\tfile:index.yaml" if at else "no time"
        signed = self._pair.secret_key.sign(content, trusted_comment=comment, prehash=prehash)
        return bytes(signed) + b"\n"
