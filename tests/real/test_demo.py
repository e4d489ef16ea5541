"""`scripts/demo`: each show runs, ends by itself or by Ctrl-C, and its account says that nothing was lost."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

pytestmark = [pytest.mark.real, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
DEADLINE = 120.0


@contextmanager
def demo(*arguments: str) -> Iterator["subprocess.Popen[str]"]:  # noqa: TID251 - no plugin
    """The show in a process of its own; it is ended with the block."""
    command = [sys.executable, "-P", str(ROOT / "scripts" / "demo.py"), *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: TID251 - as above
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(DEADLINE)


def account(*arguments: str) -> str:
    """What it prints until it ends, well."""
    with demo(*arguments, "--quit") as process:
        out, _ = process.communicate(timeout=DEADLINE)
        assert process.returncode == 0, out
    assert "/?token=" in out.splitlines()[0]
    return out


def test_a_storm_is_merged_and_all_of_it_arrives() -> None:
    out = account("storm", "--seconds", "6", "--events", "300")
    found = re.search(r"300 of 300 events are in Slack, in (\d+) messages and \d+ files", out)
    assert found is not None, out
    assert int(found[1]) < 100


def test_an_outage_changes_the_state_and_loses_nothing() -> None:
    out = account("outage", "--seconds", "9")
    assert out.index("Slack goes away") < out.index("Slack is back")
    assert re.search(r"\d+ ticks, 0 of them missing, 0 twice", out), out
    answered = re.search(r"(\d+) of (\d+) questions answered", out)
    assert answered is not None, out
    assert answered[1] == answered[2]
    assert re.search(r"states: .*ready → retrying.* → ready", out), out


def test_it_is_watched_in_the_browser_and_ends_with_ctrl_c() -> None:
    with demo("outage", "--seconds", "60") as process:
        assert process.stdout is not None
        url = re.search(r"http://\S+", process.stdout.readline())
        assert url is not None
        with httpx.Client(trust_env=False, follow_redirects=True, timeout=60) as browser:
            assert browser.get(url[0]).status_code == 200
            channels = browser.get(str(httpx.URL(url[0]).join("/api/v1/channels"))).json()
        assert {"story", "slack", "events"} <= {channel["name"] for channel in channels}
        process.send_signal(signal.SIGINT)
        assert process.wait(DEADLINE) == 1  # before the account
        with pytest.raises(httpx.HTTPError):
            httpx.get(url[0], trust_env=False)


def test_help_says_what_to_look_at() -> None:
    with demo("--help") as process:
        out, _ = process.communicate(timeout=DEADLINE)
    assert "storm    " in out
    assert "Look at *slack*" in out


@pytest.mark.parametrize(
    "wrong", [["rain"], ["storm", "--events", "1"], ["storm", "--seconds", "0"]]
)
def test_wrong_usage(wrong: list[str]) -> None:
    with demo(*wrong) as process:
        assert process.wait(DEADLINE) == 2
