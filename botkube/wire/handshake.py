"""The line a plugin prints when it serves, and the environment a host starts it with (go-plugin, core protocol 1).

Pure: reads and builds text only.
"""

import ipaddress
from collections.abc import Mapping
from typing import Literal

import msgspec

from botkube.model.errors import FatalError, ProtocolError

CORE_PROTOCOL = 1
APP_PROTOCOL = 3
COOKIE_NAME = "BOTKUBE"
COOKIE_VALUE = "52ca7b74-28eb-4fac-ae79-31a9cbda2454"

MAX_LINE = 4096  # longer than any valid line: two path lengths and a few words
MAX_SOCKET_PATH = 107  # sun_path holds 108 bytes, the last one is NUL
_MIN_CERTIFICATE = 50  # go-plugin looks at the sixth field only if it is longer
_MIN_FIELDS = 4
_SHOWN = 80


class HandshakeError(ProtocolError):
    """The first line on stdout is not a handshake this host can use."""


class NotAPlugin(HandshakeError):
    """The line has another form: the program is not a plugin, or printed something first."""


class VersionMismatch(HandshakeError):
    """The plugin speaks another version of the protocol."""


class UnsupportedTransport(HandshakeError):
    """The plugin wants to be talked to in a way this host does not offer."""


class NotLaunchedByHost(FatalError):
    """A plugin was started by hand."""


class Handshake(msgspec.Struct, frozen=True, kw_only=True):
    """Where a started plugin listens."""

    network: Literal["unix", "tcp"]
    address: str


def parse_handshake(line: bytes) -> Handshake:
    """Read `CORE|APP|NETWORK|ADDRESS|PROTOCOL|CERTIFICATE[|MULTIPLEX]`.

    Raises:
        HandshakeError: one sentence that says what is wrong with the line.
    """
    fields = _split(line)
    core, app, network, address = fields[:4]
    _check_version("core protocol", core, CORE_PROTOCOL)
    _check_version("protocol", app, APP_PROTOCOL)
    _check_transport(*(fields[4:7] + [""] * 3)[:3])
    if network == "unix":
        return Handshake(network="unix", address=_socket_path(address))
    if network == "tcp":
        return Handshake(network="tcp", address=_host_and_port(address))
    raise UnsupportedTransport(f"The plugin listens on an unknown network {_shown(network)}.")


def format_handshake(path: str) -> str:
    """The handshake of a plugin that listens on a unix socket, byte for byte as go-plugin writes it, without newline."""
    return f"{CORE_PROTOCOL}|{APP_PROTOCOL}|unix|{path}|grpc|"


def launch_variables() -> Mapping[str, str]:
    """The variables a host adds to the environment of a plugin."""
    return {
        COOKIE_NAME: COOKIE_VALUE,
        "PLUGIN_PROTOCOL_VERSIONS": str(APP_PROTOCOL),
        "PLUGIN_MIN_PORT": "10000",
        "PLUGIN_MAX_PORT": "25000",
    }


def check_launched_by_host(environ: Mapping[str, str]) -> None:
    """Refuse to go on in a plugin that no host started.

    Raises:
        NotLaunchedByHost: the cookie is missing or wrong.
    """
    if environ.get(COOKIE_NAME) != COOKIE_VALUE:
        raise NotLaunchedByHost(
            "This is a plugin of Botkube: Botkube starts it, it does nothing when it is run by hand."
        )


def _split(line: bytes) -> list[str]:
    if len(line) > MAX_LINE:
        raise NotAPlugin(
            f"The first line on stdout is longer than {MAX_LINE} bytes, a handshake is not."
        )
    try:
        text = line.decode().strip()
    except UnicodeDecodeError:
        raise NotAPlugin(f"The first line on stdout is not text: {_shown(line)}.") from None
    fields = text.split("|")
    if len(fields) < _MIN_FIELDS or not text.isprintable():
        raise NotAPlugin(f"The first line on stdout is not a plugin handshake: {_shown(text)}.")
    return fields


def _check_version(what: str, found: str, wanted: int) -> None:
    if not (found.isascii() and found.isdigit()):
        raise NotAPlugin(f"The {what} version in the handshake is not a number: {_shown(found)}.")
    if int(found) != wanted:
        raise VersionMismatch(
            f"The plugin speaks {what} version {int(found)}, this host speaks {wanted}."
        )


def _check_transport(protocol: str, certificate: str, multiplex: str) -> None:
    if protocol != "grpc":
        raise UnsupportedTransport(
            f"The plugin speaks {_shown(protocol or 'netrpc')}, only grpc is supported."
        )
    if len(certificate) > _MIN_CERTIFICATE:
        raise UnsupportedTransport("The plugin demands TLS, which was not offered to it.")
    if multiplex.lower() == "true":
        raise UnsupportedTransport(
            "The plugin multiplexes its connection, which was not offered to it."
        )


def _socket_path(address: str) -> str:
    if not address.startswith("/"):
        raise HandshakeError(f"The plugin's socket path is not absolute: {_shown(address)}.")
    if len(address.encode()) > MAX_SOCKET_PATH:
        raise HandshakeError(
            f"The plugin's socket path is longer than {MAX_SOCKET_PATH} bytes: {_shown(address)}."
        )
    return address


def _host_and_port(address: str) -> str:
    host, _, port = address.rpartition(":")
    if not (host and port.isascii() and port.isdigit() and 0 < int(port[:6]) < 2**16):
        raise HandshakeError(f"The plugin's address is not host:port: {_shown(address)}.")
    if not _is_here(host.strip("[]")):
        raise HandshakeError(f"The plugin listens on another machine: {_shown(address)}.")
    return address


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _shown(value: str | bytes) -> str:
    return repr(value if len(value) <= _SHOWN else value[:_SHOWN])
