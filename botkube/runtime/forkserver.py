"""A warm parent: a process with one thread that forks a child for each order that comes on a socket.

The child's own parent leaves at once, so that the child belongs to the nearest subreaper above, the process
that ordered it: that one can wait for it, and it outlives the server. Until it has heard the word to go on
it is nothing yet, and without that word it leaves too.
"""

import gc
import os
import socket
import sys
from contextlib import suppress
from typing import Final

from botkube.runtime import procface
from botkube.runtime.forkorder import GO, LIMIT, READY, Order, decode_order, encode_pid

_DESCRIPTORS: Final = 3


def take_order(control: socket.socket) -> Order:
    """Fork for each order; returns in the children only, each of which is as its order says.

    `control` is descriptor 0. Ends the process when nobody is left who could order.

    Raises: ValueError for what is no order; OSError if the socket breaks.
    """
    gc.collect()
    gc.freeze()  # a collection in a child writes into what it looks at, and then it is not shared
    control.send(READY)
    while True:
        packet, descriptors, _, _ = socket.recv_fds(
            control, LIMIT, _DESCRIPTORS, socket.MSG_CMSG_CLOEXEC
        )
        if not packet:
            sys.exit()
        order = decode_order(packet)
        stdout, stderr, line = descriptors
        if _fork_and_tell(line):
            control.detach()
            _become(order, stdout, stderr, line)
            return order
        for descriptor in descriptors:
            os.close(descriptor)


def _fork_and_tell(line: int) -> bool:
    """Fork and say on the line which process it is; true in the child."""
    try:
        said = _fork_orphan()
    except OSError as error:  # no more processes now, which may pass
        said = os.strerror(error.errno or 0).encode()
    if said:
        with suppress(OSError):  # nobody waits for it any more
            os.write(line, said)
    return not said


def _fork_orphan() -> bytes:
    """Fork a child that the nearest subreaper has taken over when this returns; b"" in the child."""
    told, tell = os.pipe()
    try:
        middle = os.fork()
        if middle == 0:
            _leave_child(tell)
            return b""
        os.waitpid(middle, 0)
        os.set_blocking(told, False)
        return os.read(told, 64)
    finally:
        os.close(told)
        os.close(tell)


def _leave_child(tell: int) -> None:
    """Fork and leave, as the process in the middle; returns in the child."""
    try:
        child = os.fork()
        if child == 0:
            return
        os.setpgid(child, child)  # here: whoever learns its number may kill its group at once
        os.write(tell, encode_pid(child))
    except OSError as error:
        os.write(tell, os.strerror(error.errno or 0).encode())
    os._exit(0)


def _become(order: Order, stdout: int, stderr: int, line: int) -> None:
    null = os.open(os.devnull, os.O_RDONLY)
    for number, descriptor in enumerate((null, stdout, stderr)):
        os.dup2(descriptor, number)
        os.close(descriptor)
    heard = os.read(line, len(GO))
    os.close(line)
    if heard != GO or os.getppid() != order.parent:
        os._exit(0)
    os.environ.clear()
    for entry in order.environ:
        name, _, value = entry.partition(b"=")
        os.environb[name] = value
    procface.show(order.argv, order.environ)
    sys.argv = [os.fsdecode(word) for word in order.argv]
