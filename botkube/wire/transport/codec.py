"""grpclib's codec, strict: whatever a peer sent is an error of that call."""

from typing import TypeVar

from betterproto import Message
from grpclib.const import Status
from grpclib.encoding.proto import ProtoCodec
from grpclib.exceptions import GRPCError

from botkube.runtime.override import override
from botkube.wire.protobuf import check_message

T = TypeVar("T")


class StrictCodec(ProtoCodec):
    """Checks what generated code would take silently, and lets none of its exceptions out."""

    @override
    def decode(self, data: bytes, message_type: type[T]) -> T:
        """One message.

        Raises:
            GRPCError: it cannot be read; generated code raises EOFError, KeyError, UnicodeError...
        """
        try:
            if issubclass(message_type, Message):
                check_message(data, message_type)
            message: T = super().decode(data, message_type)  # type: ignore[arg-type,assignment]
        except Exception as error:
            what = str(error).removeprefix("malformed message: ")
            text = f"malformed {message_type.__name__}: {what}"
            raise GRPCError(Status.INTERNAL, text) from error
        return message
