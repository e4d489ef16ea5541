"""What is said between a fork server and the process that orders from it; pure.

An order is one packet: what the child is to be. With it travel three descriptors: stdout, stderr, and a
line on which the child's number comes back and the word to go on is given.
"""

from typing import Final

import msgspec

READY: Final = b"ready"
GO: Final = b"go"
LIMIT: Final = 16 * 1024  # of an order; what is longer is started in the ordinary way
_LONGEST_PID: Final = 10
_SHOWN: Final = 60


class Order(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A child as it should be: its command line, its whole environment (`NAME=VALUE`), whose child it is."""

    argv: tuple[bytes, ...]
    environ: tuple[bytes, ...]
    parent: int


def encode_order(order: Order) -> bytes:
    """Make the packet.

    Raises: ValueError if it is longer than a packet may be.
    """
    packet = msgspec.msgpack.encode(order)
    if len(packet) > LIMIT:
        raise ValueError(f"its environment is too long: {len(packet)} bytes, at most {LIMIT}")
    return packet


def decode_order(packet: bytes) -> Order:
    """Read a packet.

    Raises: ValueError if it is no order.
    """
    return msgspec.msgpack.decode(packet, type=Order)


def encode_pid(pid: int) -> bytes:
    """Say which process it is."""
    return b"%d" % pid


def decode_pid(said: bytes) -> int:
    """Read which process it is.

    Raises: ValueError if that is no number of a process.
    """
    if not said.isdigit() or len(said) > _LONGEST_PID or int(said) <= 1:
        raise ValueError(f"it said {said[:_SHOWN]!r} where the number of a process belongs")
    return int(said)
