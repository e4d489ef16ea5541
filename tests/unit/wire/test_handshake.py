from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botkube.wire.handshake import (
    COOKIE_NAME,
    Handshake,
    HandshakeError,
    NotAPlugin,
    NotLaunchedByHost,
    UnsupportedTransport,
    VersionMismatch,
    check_launched_by_host,
    format_handshake,
    launch_variables,
    parse_handshake,
)

CERTIFICATE = "A" * 51


@pytest.mark.parametrize(
    ("line", "network", "address"),
    [
        (b"1|3|unix|/tmp/plugin804573117|grpc|\n", "unix", "/tmp/plugin804573117"),
        (b"1|3|unix|/tmp/p|grpc", "unix", "/tmp/p"),
        (b"  1|3|unix|/tmp/p|grpc|\r\n", "unix", "/tmp/p"),
        (b"1|3|unix|/tmp/p|grpc||false\n", "unix", "/tmp/p"),
        (b"1|3|unix|/tmp/p|grpc|short|false|more\n", "unix", "/tmp/p"),
        (b"1|3|tcp|127.0.0.1:10000|grpc|\n", "tcp", "127.0.0.1:10000"),
        (b"1|3|tcp|[::1]:10000|grpc|\n", "tcp", "[::1]:10000"),
        (b"1|3|tcp|localhost:10000|grpc|\n", "tcp", "localhost:10000"),
    ],
)
def test_a_plugin_says_where_it_listens(line: bytes, network: str, address: str) -> None:
    handshake = parse_handshake(line)
    assert (handshake.network, handshake.address) == (network, address)


@pytest.mark.parametrize(
    ("line", "error", "sentence"),
    [
        (b"", NotAPlugin, "not a plugin handshake: ''"),
        (b"\n", NotAPlugin, "not a plugin handshake: ''"),
        (b"Usage: kubectl [flags]\n", NotAPlugin, "not a plugin handshake: 'Usage: kubectl"),
        (b"1|3|unix\n", NotAPlugin, "not a plugin handshake"),
        (b"\xff\xfe|3|unix|/p|grpc|\n", NotAPlugin, "not text"),
        (b"1|3|unix|/tmp/a\0b|grpc|\n", NotAPlugin, "not a plugin handshake"),
        (b"1|3|unix|/tmp/a\x1b[31m|grpc|\n", NotAPlugin, "not a plugin handshake"),
        (b"x" * 5000, NotAPlugin, "longer than 4096 bytes"),
        (b"one|3|unix|/p|grpc|\n", NotAPlugin, "core protocol version in the handshake is not a"),
        (b"1||unix|/p|grpc|\n", NotAPlugin, "protocol version in the handshake is not a number"),
        ("1|³|unix|/p|grpc|\n".encode(), NotAPlugin, "is not a number"),
        (b"2|3|unix|/p|grpc|\n", VersionMismatch, "core protocol version 2, this host speaks 1"),
        (b"1|2|unix|/p|grpc|\n", VersionMismatch, "protocol version 2, this host speaks 3"),
        (b"1|-3|unix|/p|grpc|\n", NotAPlugin, "is not a number: '-3'"),
        (b"1|3|udp|/p|grpc|\n", UnsupportedTransport, "unknown network 'udp'"),
        (b"1|3|unix|/p|netrpc|\n", UnsupportedTransport, "speaks 'netrpc', only grpc"),
        (b"1|3|unix|/p\n", UnsupportedTransport, "speaks 'netrpc', only grpc"),
        (f"1|3|unix|/p|grpc|{CERTIFICATE}\n".encode(), UnsupportedTransport, "demands TLS"),
        (b"1|3|unix|/p|grpc||true\n", UnsupportedTransport, "multiplexes"),
        (b"1|3|unix|relative|grpc|\n", HandshakeError, "not absolute: 'relative'"),
        (b"1|3|unix||grpc|\n", HandshakeError, "not absolute"),
        (b"1|3|unix|/" + b"p" * 107 + b"|grpc|\n", HandshakeError, "longer than 107 bytes"),
        (b"1|3|tcp|localhost|grpc|\n", HandshakeError, "not host:port: 'localhost'"),
        (b"1|3|tcp|10.0.0.1:80|grpc|\n", HandshakeError, "another machine: '10.0.0.1:80'"),
        (b"1|3|tcp|a.test:80|grpc|\n", HandshakeError, "another machine"),
        (b"1|3|tcp|:80|grpc|\n", HandshakeError, "not host:port"),
        (b"1|3|tcp|h:0|grpc|\n", HandshakeError, "not host:port"),
        (b"1|3|tcp|h:65536|grpc|\n", HandshakeError, "not host:port"),
        (b"1|3|tcp|h:" + b"9" * 4000 + b"|grpc|\n", HandshakeError, "not host:port"),
    ],
)
def test_a_line_that_cannot_be_used_is_refused(
    line: bytes, error: type[HandshakeError], sentence: str
) -> None:
    with pytest.raises(HandshakeError) as caught:
        parse_handshake(line)
    assert caught.type is error
    text = str(caught.value)
    assert sentence in text
    assert len(text) < 200
    assert text.isprintable()
    assert text.endswith(".")


@given(
    st.binary(max_size=200) | st.text(alphabet="13|unixtcp/grpc.:9\n", max_size=60).map(str.encode)
)
def test_any_line_is_read_or_refused(line: bytes) -> None:
    with suppress(HandshakeError):
        parse_handshake(line)


def test_what_is_printed_is_what_go_plugin_prints() -> None:
    assert format_handshake("/tmp/plugin1") == "1|3|unix|/tmp/plugin1|grpc|"
    assert parse_handshake(format_handshake("/p").encode()) == Handshake(
        network="unix", address="/p"
    )


def test_only_a_host_starts_plugins() -> None:
    check_launched_by_host(launch_variables())
    for environ in ({}, {COOKIE_NAME: "1"}):
        with pytest.raises(NotLaunchedByHost, match="Botkube starts it"):
            check_launched_by_host(environ)
