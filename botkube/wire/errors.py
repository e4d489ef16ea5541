"""What a failed call looks like to our code, on both sides of a connection."""

from collections.abc import Iterator
from contextlib import contextmanager

from grpclib.exceptions import GRPCError, StreamTerminatedError
from h2.exceptions import H2Error

from botkube.model.errors import PeerError, ProtocolError


class CallError(PeerError):
    """A call that ended with another gRPC status than OK.

    `status` is the name of the status (`UNKNOWN`, `UNAVAILABLE`, `DEADLINE_EXCEEDED`...), `message` its text.
    """

    reason = "call"

    def __init__(self, status: str, message: str) -> None:
        super().__init__(f"{status}: {message}" if message else status)
        self.status = status
        self.message = message


@contextmanager
def calls_translated() -> Iterator[None]:
    """Turn every error of the layers below into a CallError; Cancelled passes."""
    try:
        yield
    except CallError:
        raise
    except GRPCError as error:
        raise CallError(error.status.name, error.message or "") from error
    except StreamTerminatedError as error:
        raise CallError("UNAVAILABLE", str(error)) from error
    except TimeoutError as error:  # before OSError, which it is too
        raise CallError("DEADLINE_EXCEEDED", str(error) or "deadline exceeded") from error
    except (H2Error, OSError) as error:
        raise CallError("UNAVAILABLE", f"connection failed: {error}") from error
    except ProtocolError as error:
        raise CallError("INTERNAL", str(error)) from error
    except Exception as error:
        raise CallError("INTERNAL", f"unexpected {error!r}") from error
