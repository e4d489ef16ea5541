"""Tells whether a part of the configuration changed."""

from hashlib import blake2b

import msgspec

from botkube.config.schema.values import Secret


def fingerprint(section: msgspec.Struct) -> str:
    """Return a digest of every value in a section, secrets included: equal if and only if nothing changed."""
    encoded = msgspec.json.encode(section, enc_hook=_revealed, order="deterministic")
    return blake2b(encoded, digest_size=16).hexdigest()


def _revealed(value: object) -> str:
    if isinstance(value, Secret):
        return value.reveal()
    raise NotImplementedError(type(value))
