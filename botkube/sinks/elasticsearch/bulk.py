"""A window of events as a `_bulk` request, and what its answer says about each. Pure.

Documents are *created* under the event's id: sent again they are there already, which is success.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

import msgspec

from botkube.model.delivery import Delivered, Delivery, Outcome, Rejected, Retry
from botkube.sinks.answers import is_later, is_success

CONTENT_TYPE: Final = "application/x-ndjson"
PATH: Final = "/_bulk?filter_path=items.*.status,items.*.error.type,items.*.error.reason"
_ALREADY: Final = 409
_MISSING: Final = 404  # the index: it was deleted, and may be made again
_FORBIDDEN: Final = frozenset({401, 403})
_PASSING: Final = frozenset({"validation_exception", "index_closed_exception"})
"""Errors with status 400 that are the cluster's: too many shards, an index that is closed."""
_REASON: Final = 300


class BadAnswer(Exception):
    """The answer does not fit the request."""


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """A document and where it goes; `index` and `type` are names of the cluster's."""

    delivery: Delivery
    index: str
    type: str = ""


class _Error(msgspec.Struct, frozen=True, kw_only=True):
    type: str = ""
    reason: str | None = ""


class _Result(msgspec.Struct, frozen=True, kw_only=True):
    status: int
    error: _Error | str | None = None


class _Items(msgspec.Struct, frozen=True, kw_only=True):
    items: list[dict[str, _Result]]


def index_name(name: str, received_at: float) -> str:
    """The index of an event's day, in UTC: of the day it came, whenever it is sent."""
    return f"{name}-{_day(int(received_at // 86400))}"


@lru_cache(maxsize=16)
def _day(number: int) -> str:
    return datetime.fromtimestamp(number * 86400, UTC).strftime("%Y-%m-%d")


def document(delivery: Delivery) -> bytes:
    """The raw object on one line, as it is. Without one it is the message; what is no object becomes one."""
    raw = delivery.raw.strip() if delivery.raw not in {b"null", b""} else _message(delivery.message)
    if not raw.startswith(b"{"):
        raw = b'{"data":%b}' % raw
    # Line breaks can only be between its tokens.
    return raw.replace(b"\n", b" ").replace(b"\r", b" ") if b"\n" in raw or b"\r" in raw else raw


def _message(message: bytes) -> bytes:
    return b'{"Message":%b}' % (message or b"null")


def bulk_body(items: Sequence[Item]) -> bytes:
    """The request's body."""
    lines: list[bytes] = []
    for item in items:
        head = _head(item.index, item.type)
        lines += (head, item.delivery.event_id.encode(), b'"}}\n', document(item.delivery), b"\n")
    return b"".join(lines)


@lru_cache(maxsize=64)
def _head(index: str, document_type: str) -> bytes:
    kind = b'"_type":%b,' % msgspec.json.encode(document_type) if document_type else b""
    return b'{"create":{"_index":%b,%b"_id":"' % (msgspec.json.encode(index), kind)


def read_outcomes(items: Sequence[Item], answer: bytes) -> list[Outcome]:
    """One outcome for each item.

    Raises: BadAnswer.
    """
    try:
        found = msgspec.json.decode(answer, type=_Items).items
    except msgspec.DecodeError as error:
        raise BadAnswer(f"its answer to _bulk cannot be read: {error}") from None
    if len(found) != len(items):
        raise BadAnswer(f"it answered {len(found)} of {len(items)} documents")
    return [
        _outcome(item, next(iter(one.values()), None))
        for item, one in zip(items, found, strict=True)
    ]


def _outcome(item: Item, result: _Result | None) -> Outcome:
    if result is None:
        raise BadAnswer("it answered a document with nothing")
    status = result.status
    if is_success(status) or status == _ALREADY:
        return Delivered()
    error = result.error if isinstance(result.error, _Error) else _Error(reason=result.error)
    why = ": ".join(text for text in (error.type, error.reason) if text)
    reason = f"the index {item.index} answered {status}: {why}"[:_REASON]
    passing = is_later(status) or status == _MISSING or status in _FORBIDDEN
    if passing or error.type in _PASSING:
        return Retry(reason=reason)
    return Rejected(reason=reason)
