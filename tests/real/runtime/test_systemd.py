"""Datagrams to a service manager, on a path and in the abstract namespace."""

import socket
from pathlib import Path

import pytest

from botkube.runtime.systemd import notify

pytestmark = pytest.mark.real


@pytest.mark.parametrize("abstract", ["", "@"], ids=["path", "abstract"])
def test_the_service_manager_gets_the_state(tmp_path: Path, abstract: str) -> None:
    path = f"{tmp_path}/notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.settimeout(60)
        manager.bind(f"\0{path}" if abstract else path)
        notify("READY=1\nSTATUS=up", f"{abstract}{path}")
        assert manager.recv(100) == b"READY=1\nSTATUS=up"
