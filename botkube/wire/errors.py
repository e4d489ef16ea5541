"""What a failed call looks like to our code, on both sides of a connection."""

from collections.abc import Iterator
from contextlib import contextmanager

from grpclib.exceptions import GRPCError, StreamTerminatedError
from h2.exceptions import H2Error

from botkube.model.errors import PeerError, ProtocolError


class PeerStatus(GRPCError):
    """A status other than OK that the peer itself gave; any other GRPCError is what we think of its answer."""


class CallError(PeerError):
    """A call that ended with another gRPC status than OK.

    `status` is the name of the status (`UNKNOWN`, `UNAVAILABLE`, `DEADLINE_EXCEEDED`...), `message` its text.
    """

    reason = "call"

    def __init__(self, status: str, message: str) -> None:
        super().__init__(f"{status}: {message}" if message else status)
        self.status = status
        self.message = message


class BadAnswer(CallError):
    """An answer that cannot be used: the peer broke the protocol, or sent more than is taken."""


def said_unimplemented(error: CallError) -> bool:
    """Whether the plugin said that it has no such method; its answer in another form is a fault."""
    return error.status == "UNIMPLEMENTED" and not isinstance(error, BadAnswer)


class RequestTooLarge(CallError):
    """A request that no plugin can take; it was not sent."""


class MessageTooLong(GRPCError):
    """What the peer sent is over our own limit; the peer has not refused anything."""


@contextmanager
def calls_translated(limit_name: str = "") -> Iterator[None]:
    """Turn every error of the layers below into a CallError; Cancelled passes.

    `limit_name` is what users know the limit for messages by.
    """
    try:
        yield
    except CallError:
        raise
    except Exception as error:
        raise _call_error(error, limit_name) from error


def _call_error(error: Exception, limit_name: str) -> CallError:
    match error:
        case GRPCError(status=status):
            kind = CallError if isinstance(error, PeerStatus) else BadAnswer
            return kind(status.name, _message(error, limit_name))
        case StreamTerminatedError():
            return CallError("UNAVAILABLE", str(error))
        case TimeoutError():  # before OSError, which it is too
            return CallError("DEADLINE_EXCEEDED", str(error) or "deadline exceeded")
        case H2Error() | OSError():
            return CallError("UNAVAILABLE", f"connection failed: {error}")
        case ProtocolError():
            return BadAnswer("INTERNAL", str(error))
        case _:
            return BadAnswer("INTERNAL", f"unexpected {error!r}")


def _message(error: GRPCError, limit_name: str) -> str:
    text = error.message or ""
    return f"{text}, see {limit_name}" if isinstance(error, MessageTooLong) and limit_name else text
