"""The headers and trailers of gRPC calls (gRPC over HTTP/2, PROTOCOL-HTTP2.md). Pure."""

import math
import re
from http import HTTPStatus
from urllib.parse import quote, unquote

from botkube.wire.errors import CallError

Headers = list[tuple[str, str]]

STATUS_NAMES = (
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
)
_STATUS_BY_CODE = {str(code): name for code, name in enumerate(STATUS_NAMES)}

DEADLINE_PAD = 0.25  # the peer's deadline comes this much later, so that the local one wins
MAX_TIMEOUT_DIGITS = 99_999_999
MAX_STATUS_TEXT = 32 * 1024  # characters; a status text travels as one header
_CONTENT_TYPE = "application/grpc"
_USER_AGENT = "grpc-python-botkube"
_TEXT_SAFE = "".join(chr(code) for code in range(0x20, 0x7F) if chr(code) != "%")
_TIMEOUT = re.compile(r"([0-9]{1,8})([HMSmun])")
_UNITS = {"H": 3600.0, "M": 60.0, "S": 1.0, "m": 1e-3, "u": 1e-6, "n": 1e-9}

# https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md
_BY_HTTP_STATUS = {
    HTTPStatus.BAD_REQUEST: "INTERNAL",
    HTTPStatus.UNAUTHORIZED: "UNAUTHENTICATED",
    HTTPStatus.FORBIDDEN: "PERMISSION_DENIED",
    HTTPStatus.NOT_FOUND: "UNIMPLEMENTED",
    HTTPStatus.TOO_MANY_REQUESTS: "UNAVAILABLE",
    HTTPStatus.BAD_GATEWAY: "UNAVAILABLE",
    HTTPStatus.SERVICE_UNAVAILABLE: "UNAVAILABLE",
    HTTPStatus.GATEWAY_TIMEOUT: "UNAVAILABLE",
}


def request_headers(path: str, seconds: float) -> Headers:
    """The headers of a call that may take `seconds` (infinite: no limit)."""
    headers = [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", path),
        (":authority", "localhost"),  # some servers reject a socket path here
        ("te", "trailers"),
        ("content-type", _CONTENT_TYPE),
        ("user-agent", _USER_AGENT),
    ]
    if seconds != math.inf:
        headers.append(("grpc-timeout", format_timeout(seconds + DEADLINE_PAD)))
    return headers


def format_timeout(seconds: float) -> str:
    """A grpc-timeout value: rounded up, at most eight digits."""
    milliseconds = math.ceil(max(seconds, 0) * 1000)
    if milliseconds <= MAX_TIMEOUT_DIGITS:
        return f"{milliseconds}m"
    return f"{min(math.ceil(seconds), MAX_TIMEOUT_DIGITS)}S"


def answer_headers() -> Headers:
    """The headers in front of a server's first message."""
    return [(":status", "200"), ("content-type", _CONTENT_TYPE)]


def trailers(status: str, message: str) -> Headers:
    """The end of an answer."""
    headers = [("grpc-status", str(_code(status)))]
    if message:
        headers.append(("grpc-message", quote(_shortened(message), safe=_TEXT_SAFE)))
    return headers


def check_answer(headers: Headers) -> bool:
    """Look at the headers of an answer; true if they are all there is of it (trailers-only).

    Raises:
        CallError: they carry an error, or are not those of a gRPC server.
    """
    found = dict(headers)
    http_status = found.get(":status", "")
    if http_status != "200":
        raise CallError(
            _http_status(http_status), f"the peer answered with HTTP status {http_status!r}"
        )
    content_type = found.get("content-type", "")
    if content_type not in {_CONTENT_TYPE, f"{_CONTENT_TYPE}+proto"}:
        raise CallError("UNKNOWN", f"the peer answered with content type {content_type!r}")
    if "grpc-status" not in found:
        return False
    check_status(headers)
    return True


def check_status(headers: Headers) -> None:
    """Look at the trailers of an answer.

    Raises:
        CallError: the status is not OK, or there is none.
    """
    found = dict(headers)
    code = found.get("grpc-status")
    if code is None:
        raise CallError("UNKNOWN", "Missing grpc-status header")
    status = _status_name(code)
    if status != "OK":
        raise CallError(status, unquote(found.get("grpc-message", ""), errors="replace"))


def check_request(headers: Headers) -> tuple[str, float]:
    """Path and time limit in seconds (infinite: none) of a request.

    Raises:
        CallError: it is not a gRPC request.
    """
    found = dict(headers)
    content_type, _, encoding = found.get("content-type", "").partition("+")
    if (
        found.get(":method") != "POST"
        or content_type != _CONTENT_TYPE
        or encoding not in {"", "proto"}
    ):
        raise CallError("INTERNAL", "not a gRPC request")
    limit = found.get("grpc-timeout")
    return found.get(":path", ""), math.inf if limit is None else parse_timeout(limit)


def parse_timeout(value: str) -> float:
    """The seconds a grpc-timeout value stands for.

    Raises:
        CallError: it is not one.
    """
    match = _TIMEOUT.fullmatch(value)
    if match is None:
        raise CallError("INTERNAL", f"not a gRPC request: bad grpc-timeout {value!r}")
    return int(match[1]) * _UNITS[match[2]]


def _shortened(message: str) -> str:
    return (
        message
        if len(message) <= MAX_STATUS_TEXT
        else message[:MAX_STATUS_TEXT] + "... (truncated)"
    )


def _code(status: str) -> int:
    return STATUS_NAMES.index(status if status in STATUS_NAMES else "UNKNOWN")


def _status_name(code: str) -> str:
    if code in _STATUS_BY_CODE:
        return _STATUS_BY_CODE[code]
    raise CallError("UNKNOWN", f"Invalid grpc-status: {code!r}")


def _http_status(status: str) -> str:
    try:
        return _BY_HTTP_STATUS.get(HTTPStatus(int(status)), "UNKNOWN")
    except ValueError:
        return "UNKNOWN"
