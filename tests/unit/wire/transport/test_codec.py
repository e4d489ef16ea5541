import pytest
from grpclib.const import Status
from grpclib.exceptions import GRPCError

from botkube._proto import executor
from botkube.wire.transport.codec import StrictCodec

CODEC = StrictCodec()


def test_a_message_survives() -> None:
    message = executor.ExecuteRequest(command="hi")
    data = CODEC.encode(message, executor.ExecuteRequest)
    assert CODEC.decode(data, executor.ExecuteRequest) == message


@pytest.mark.parametrize(
    "data",
    [
        b"\x0a\x05h",  # cut off: betterproto takes it for "h"
        b"\x1a\x02\x12\x05",  # cut off inside the context
        b"\x0a\x01\xff",  # not UTF-8
        b"\xff",  # half an integer
    ],
)
def test_what_cannot_be_read_is_an_error_of_the_call(data: bytes) -> None:
    with pytest.raises(GRPCError, match="malformed ExecuteRequest") as caught:
        CODEC.decode(data, executor.ExecuteRequest)
    assert caught.value.status is Status.INTERNAL
