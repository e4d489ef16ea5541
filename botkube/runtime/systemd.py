"""Tells the service manager what state the program is in (sd_notify(3)); does nothing without one."""

import logging
import socket

log = logging.getLogger(__name__)


def notify(state: str, address: str | None) -> None:
    """Send a state such as `READY=1` to the socket named by NOTIFY_SOCKET; failures are only logged."""
    if not address:
        return
    if address.startswith("@"):  # Linux's abstract namespace
        address = "\0" + address[1:]
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock:
            sock.settimeout(0)  # the loop must not wait for a service manager
            sock.connect(address)
            sock.send(state.encode())
    except OSError as error:
        log.warning("cannot notify the service manager: %s", error)
