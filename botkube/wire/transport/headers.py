"""What of the headers of gRPC calls grpclib leaves to be said or checked (PROTOCOL-HTTP2.md of gRPC). Pure."""

import math
import re
from collections.abc import Mapping

from grpclib.client import _H2_TO_GRPC_STATUS_MAP
from grpclib.const import Status
from grpclib.encoding.base import GRPC_CONTENT_TYPE
from grpclib.exceptions import GRPCError
from grpclib.metadata import Deadline, decode_timeout, encode_grpc_message
from h2.errors import ErrorCodes

from botkube.runtime.override import override

Headers = list[tuple[str, str]]

DEADLINE_PAD = 0.25  # the peer's deadline comes this much later, so that the local one wins
MAX_TIMEOUT_DIGITS = 99_999_999
MAX_STATUS_TEXT = 32 * 1024  # characters; a status text travels as one header
_RESETS: Mapping[int, Status] = {
    ErrorCodes.REFUSED_STREAM: Status.UNAVAILABLE,
    ErrorCodes.CANCEL: Status.CANCELLED,
    ErrorCodes.ENHANCE_YOUR_CALM: Status.RESOURCE_EXHAUSTED,
    ErrorCodes.INADEQUATE_SECURITY: Status.PERMISSION_DENIED,
}
_COARSE = 10  # seconds over which grpclib tells whole ones
_TIMEOUT = re.compile(r"[0-9]{1,8}[HMSmun]")


class PeerDeadline(Deadline):
    """A deadline as the peer is told of it: later than ours, rounded up where grpclib cuts off, at most eight digits."""

    @override
    def time_remaining(self) -> float:
        left = super().time_remaining() + DEADLINE_PAD
        if left > _COARSE:
            return min(math.ceil(left), MAX_TIMEOUT_DIGITS)
        return (math.ceil(left * 1000) + 0.5) / 1000  # half a millisecond, to be cut off


def without_metadata(headers: Headers) -> Headers:
    """Headers without the binary ones: nobody here reads them, and a malformed one would fail the call."""
    return [header for header in headers if not header[0].endswith("-bin")]


def check_http_status(status: str) -> None:
    """Look at the HTTP status of an answer.

    Raises:
        GRPCError: it is not 200.
    """
    if status != "200":
        code = _H2_TO_GRPC_STATUS_MAP.get(status, Status.UNKNOWN)
        raise GRPCError(code, f"HTTP status {status!r}")


def reset_error(code: int) -> GRPCError:
    """The error of a call that was reset, as gRPC reads HTTP/2's codes."""
    text = f"the call was broken off ({code_name(code)})"
    return GRPCError(_RESETS.get(code, Status.INTERNAL), text)


def code_name(code: int) -> str:
    """The name of an HTTP/2 error code, its number if there is none."""
    return ErrorCodes(code).name if code in set(ErrorCodes) else f"code {code}"


def check_request(headers: Headers) -> tuple[str, float]:
    """Path and time limit in seconds (infinite: none) of a request.

    Raises:
        GRPCError: it is not a gRPC request.
    """
    found = dict(headers)
    content_type, _, encoding = found.get("content-type", "").partition("+")
    if (
        found.get(":method") != "POST"
        or content_type != GRPC_CONTENT_TYPE
        or encoding not in {"", "proto"}
    ):
        raise GRPCError(Status.INTERNAL, "not a gRPC request")
    limit = found.get("grpc-timeout")
    return found.get(":path", ""), math.inf if limit is None else parse_timeout(limit)


def parse_timeout(value: str) -> float:
    """The seconds a grpc-timeout value stands for.

    Raises:
        GRPCError: it is not one.
    """
    if _TIMEOUT.fullmatch(value) is None:
        raise GRPCError(Status.INTERNAL, f"not a gRPC request: bad grpc-timeout {value!r}")
    return decode_timeout(value)


def refusal(status: Status, message: str) -> Headers:
    """An answer that is nothing but a status. It has a content type: without one grpc-go reads UNKNOWN."""
    return [
        (":status", "200"),
        ("content-type", GRPC_CONTENT_TYPE),
        ("grpc-status", str(status.value)),
        ("grpc-message", encode_grpc_message(shortened(message))),
    ]


def shortened(message: str) -> str:
    """A status text that can be sent: not too long, and encodable."""
    text = message.encode(errors="replace").decode()
    return text if len(text) <= MAX_STATUS_TEXT else text[:MAX_STATUS_TEXT] + "... (truncated)"
