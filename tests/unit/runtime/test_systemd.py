"""Notes to a service manager that is not there; one that is: tests/real/runtime."""

import pytest

from botkube.runtime.systemd import notify


def test_notify_without_a_service_manager_does_nothing() -> None:
    notify("READY=1", None)
    notify("READY=1", "")


def test_notify_failing_is_only_logged(caplog: pytest.LogCaptureFixture) -> None:
    notify("READY=1", "/nonexistent/socket")
    assert "cannot notify the service manager" in caplog.text
