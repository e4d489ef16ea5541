"""A delivery as the request that a webhook gets: the original's body, and headers by which it can be checked. Pure."""

import hashlib
import hmac
from functools import lru_cache
from typing import Final

import msgspec

from botkube.model.delivery import Delivery
from botkube.runtime.clock import rfc3339

_NOTHING: Final = b"null"


class Signing(msgspec.Struct, frozen=True, kw_only=True):
    """How bodies are signed."""

    secret: bytes
    header: str
    algorithm: str


def event_body(delivery: Delivery) -> bytes:
    """The body: the same each time it is sent.

    `timeStamp` is when the event came, so it is the present unless the delivery had to wait; the original's was
    always the year 1.
    """
    raw = delivery.raw
    data = b"" if raw == _NOTHING or not raw else b'"data":%b,' % raw
    stamp = rfc3339(delivery.received_at).encode()
    return b'{%b%b"timeStamp":"%b"}' % (_source(delivery.source), data, stamp)


@lru_cache(maxsize=256)
def _source(name: str) -> bytes:
    return b'"source":%b,' % msgspec.json.encode(name) if name else b""


def event_headers(event_id: str, body: bytes, signing: Signing | None) -> bytes:
    """The header lines that differ between events; the idempotency key is the event's id, whenever it is sent."""
    lines = f"Idempotency-Key: {event_id}\r\n"
    if signing is not None:
        lines += f"{signing.header}: {signing.algorithm}={_digest(signing, body)}\r\n"
    return lines.encode("latin-1")


def _digest(signing: Signing, body: bytes) -> str:
    return hmac.new(signing.secret, body, getattr(hashlib, signing.algorithm)).hexdigest()
