import pytest
import trio
from grpclib.const import Status
from grpclib.exceptions import GRPCError, StreamTerminatedError
from h2.exceptions import StreamClosedError

from botkube.model.errors import PeerError, ProtocolError
from botkube.wire.errors import CallError, calls_translated


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (CallError("NOT_FOUND", "text"), "NOT_FOUND"),
        (GRPCError(Status.NOT_FOUND, "text"), "NOT_FOUND"),
        (GRPCError(Status.DEADLINE_EXCEEDED), "DEADLINE_EXCEEDED"),
        (StreamTerminatedError("text"), "UNAVAILABLE"),
        (TimeoutError("text"), "DEADLINE_EXCEEDED"),
        (ConnectionResetError("text"), "UNAVAILABLE"),
        (StreamClosedError(1), "UNAVAILABLE"),
        (ProtocolError("text"), "INTERNAL"),
        (RuntimeError("text"), "INTERNAL"),
    ],
)
def test_every_error_is_a_call_error(error: Exception, status: str) -> None:
    with pytest.raises(CallError) as caught, calls_translated():
        raise error
    assert caught.value.status == status
    assert caught.value is error or caught.value.__cause__ is error
    assert isinstance(caught.value, PeerError)


async def test_being_cancelled_is_no_error() -> None:
    with trio.CancelScope() as scope, calls_translated():
        scope.cancel()
        await trio.sleep_forever()
    assert scope.cancelled_caught


def test_the_text_of_an_error() -> None:
    assert str(CallError("UNKNOWN", "no such pod")) == "UNKNOWN: no such pod"
    assert str(CallError("UNAVAILABLE", "")) == "UNAVAILABLE"
