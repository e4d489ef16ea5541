"""What an HTTP status means for a delivery. Pure."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

LATER: Final = frozenset({408, 425, 429})  # and all from 500
REFUSED: Final = frozenset({401, 403, 407})  # it does not know us, or not any more
LONGEST_WAIT: Final = 3600.0  # seconds, whatever an answer says
SETUP_WAIT: Final = 60.0  # until something that somebody has to put right is tried again
_SHOWN: Final = 200  # characters of a body
_LOOKED_AT: Final = 4096


def is_success(status: int) -> bool:
    """Whether a request was taken."""
    return 200 <= status < 300  # noqa: PLR2004 - HTTP


def is_redirect(status: int) -> bool:
    """Whether the answer is that it has to be sent elsewhere."""
    return 300 <= status < 400  # noqa: PLR2004 - HTTP


def is_later(status: int) -> bool:
    """Whether the same request may succeed later."""
    return status in LATER or status >= 500  # noqa: PLR2004 - HTTP


def retry_after(headers: Mapping[str, str], now: float) -> float:
    """The seconds that an answer asks to wait, at most an hour; 0 if it says nothing that can be understood."""
    text = headers.get("retry-after", "").strip()
    try:
        seconds = float(text) if text[:1].isdigit() else _until(text, now)
    except ValueError:
        return 0.0
    return min(max(seconds, 0.0), LONGEST_WAIT)


def _until(date: str, now: float) -> float:
    moment = parsedate_to_datetime(date)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.timestamp() - datetime.fromtimestamp(now, UTC).timestamp()


def excerpt(text: str) -> str:
    """The beginning of a text, on one line."""
    line = " ".join(text.split())
    clean = "".join(c if c.isprintable() else "�" for c in line[: 2 * _SHOWN])
    return clean if len(clean) <= _SHOWN else f"{clean[:_SHOWN]}…"


def told(status: int, body: bytes, secrets: Sequence[str] = ()) -> str:
    """A status and the beginning of its body, for a reason; some servers say what they were asked, secrets and all."""
    shown = body[:_LOOKED_AT].decode(errors="replace")
    for secret in secrets:
        shown = shown.replace(secret, "***")
    text = excerpt(shown)
    return f"it answered {status}: {text}" if text else f"it answered {status}"
