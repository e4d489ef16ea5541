"""`botkube plugin zygote`: the warm parent of built-in plugins, started by the program itself."""

import socket

from botkube.builtin import preload
from botkube.cli import exits
from botkube.cli.plugin import serve
from botkube.plugins.unpacked import mark_unpack_dir, own_unpack_dir
from botkube.runtime.forkserver import take_order


def serve_forked() -> None:
    """Be the warm parent, and in each of its children the plugin that was ordered."""
    try:
        control = socket.socket(fileno=0)
    except OSError:
        exits.fail(
            exits.USAGE, "`plugin zygote` is started by Botkube itself, with a socket on stdin"
        )
    unpacked = own_unpack_dir()
    if unpacked is not None:
        mark_unpack_dir(unpacked)  # its children keep it locked too
    preload()
    order = take_order(control)
    # A confinement belongs here: one thread, no descriptor but 0 to 2 (and the lock of a one-file program), and nothing of the plugin has run.
    serve(order.argv[-1].decode())
