import pytest
import trio
from grpclib.const import Status
from grpclib.exceptions import GRPCError, StreamTerminatedError
from h2.exceptions import StreamClosedError

from botkube.model.errors import PeerError, ProtocolError
from botkube.wire.errors import (
    BadAnswer,
    CallError,
    PeerStatus,
    calls_translated,
    said_unimplemented,
)


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


@pytest.mark.parametrize(
    ("error", "bad"),
    [
        (PeerStatus(Status.INTERNAL, "its own words"), False),
        (StreamTerminatedError("gone"), False),
        (GRPCError(Status.INTERNAL, "malformed"), True),
        (ProtocolError("malformed"), True),
        (RuntimeError("text"), True),
    ],
)
def test_an_answer_that_cannot_be_used_is_told_from_an_error_that_was_given(
    error: Exception, *, bad: bool
) -> None:
    with pytest.raises(CallError) as caught, calls_translated():
        raise error
    assert isinstance(caught.value, BadAnswer) is bad


def test_only_a_plugin_itself_can_say_that_it_has_no_such_method() -> None:
    assert said_unimplemented(CallError("UNIMPLEMENTED", ""))
    assert not said_unimplemented(CallError("UNKNOWN", ""))
    assert not said_unimplemented(BadAnswer("UNIMPLEMENTED", "compressed"))


async def test_being_cancelled_is_no_error() -> None:
    with trio.CancelScope() as scope, calls_translated():
        scope.cancel()
        await trio.sleep_forever()
    assert scope.cancelled_caught


def test_the_text_of_an_error() -> None:
    assert str(CallError("UNKNOWN", "no such pod")) == "UNKNOWN: no such pod"
    assert str(CallError("UNAVAILABLE", "")) == "UNAVAILABLE"
