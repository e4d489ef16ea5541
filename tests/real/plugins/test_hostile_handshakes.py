"""What a plugin may print where its handshake belongs, and where its socket may be."""

import pytest

from tests.fakes.plugins.hostile import HASTY, PATIENT, Ordeal, hostile

pytestmark = pytest.mark.real

NO_LINE = "The first line on stdout is not a plugin handshake: "
CANNOT = "cannot connect to the plugin: cannot connect: "

BAD = {
    "empty": NO_LINE + "''.",
    "spaces": NO_LINE + "''.",
    "none": "the plugin printed no handshake line within 5 s",
    "closed": "the plugin closed its stdout without a handshake line",
    "half": "the plugin closed its stdout without a handshake line",
    "too_long": "the plugin wrote more than 4096 bytes to stdout where the handshake line belongs: '1|3|unix|/aaa",
    "endless": "the plugin wrote more than 4096 bytes to stdout where the handshake line belongs: 'xxxxxx",
    "path_too_long": "The plugin's socket path is longer than 107 bytes: '/aaa",
    "nul": NO_LINE + r"'1|3|unix|/tmp/a\x00b|grpc|'.",
    "not_text": r"The first line on stdout is not text: b'1|3|unix|/tmp/\xff\xfe|grpc|'.",
    "byte_order_mark": NO_LINE + r"'\ufeff1|3|unix|/tmp/a|grpc|'.",
    "coloured": NO_LINE + r"'\x1b[32m1|3|unix|/tmp/a|grpc|\x1b[0m'.",
    "usage": NO_LINE + "'Usage: tool [options]'.",
    "shell": NO_LINE + "'/bin/sh: 1: tool: not found'.",
    "core_2": "The plugin speaks core protocol version 2, this host speaks 1.",
    "core_of_letters": "The core protocol version in the handshake is not a number: 'one'.",
    "app_4": "The plugin speaks protocol version 4, this host speaks 3.",
    "app_of_many_digits": "The plugin speaks protocol version 9999",
    "app_negative": "The protocol version in the handshake is not a number: '-3'.",
    "netrpc": "The plugin speaks 'netrpc', only grpc is supported.",
    "no_protocol": "The plugin speaks 'netrpc', only grpc is supported.",
    "network_of_its_own": "The plugin listens on an unknown network 'vsock'.",
    "tcp_without_port": "The plugin's address is not host:port: 'localhost'.",
    "tcp_elsewhere": "The plugin listens on another machine: '192.0.2.1:80'.",
    "tcp_nobody": CANNOT,
    "certificate": "The plugin demands TLS, which was not offered to it.",
    "multiplexed": "The plugin multiplexes its connection, which was not offered to it.",
    "relative": "The plugin's socket path is not absolute: '../../etc/passwd'.",
    "traversal": CANNOT,
    "missing": CANNOT + "[Errno 2] No such file or directory",
    "a_file": CANNOT + "[Errno 111] Connection refused",
    "a_folder": CANNOT + "[Errno 111] Connection refused",
    "a_pipe": CANNOT + "[Errno 111] Connection refused",
    "datagrams": CANNOT + "[Errno 91] Protocol wrong type for socket",
    "not_listening": CANNOT + "[Errno 111] Connection refused",
    "full": CANNOT + "[Errno 11] Resource temporarily unavailable",
    "of_another": "cannot connect to the plugin: its socket belongs to another process, ",
    "linked_to_another": "cannot connect to the plugin: its socket belongs to another process, ",
}


@pytest.mark.parametrize("act", BAD)
async def test_a_bad_one_is_told_in_a_sentence(ordeal: Ordeal, act: str) -> None:
    async with ordeal.bad(hostile("handshake", act), HASTY if act == "none" else PATIENT):
        assert (await ordeal.fallen()).startswith(BAD[act])


@pytest.mark.parametrize(
    "act",
    ["carriage_return", "five_fields", "seven_fields", "short_certificate", "leading_zeros", "two_lines",
     "byte_by_byte", "stdout_closed_behind_it", "by_a_child"],
)  # fmt: skip
async def test_an_odd_one_is_taken(ordeal: Ordeal, act: str) -> None:
    async with ordeal.bad(hostile("handshake", act)):
        await ordeal.works()
    assert not ordeal.complaints()
