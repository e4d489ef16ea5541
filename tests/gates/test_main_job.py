"""The main job as a person does it: a fresh start without configuration, a browser, a command, a heartbeat.

From the source tree, and from the executables without any Python on the PATH. Keeps screenshots.
"""

import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.fakes.browser import answer, chromium
from tests.fakes.program import SOURCE, Program
from tests.real.test_page import screenshot

pytestmark = [pytest.mark.real, pytest.mark.slow]

DIST = Path(__file__).parents[2] / "dist"
PROGRAMS: dict[str, Path | None] = {
    "source": None,
    "one-file": DIST / "botkube",
    "folder": DIST / "botkube-dir" / "botkube",
}
if "BOTKUBE_BINARY" in os.environ:
    PROGRAMS["binary"] = Path(os.environ["BOTKUBE_BINARY"])
DEADLINE_MS = 60_000


@pytest.fixture(params=PROGRAMS, ids=str)
def program(request: pytest.FixtureRequest) -> Iterator[tuple[str, Program]]:
    """Started in an environment with next to nothing in it."""
    name = str(request.param)
    binary = PROGRAMS[name]
    if binary is not None and not binary.exists():
        pytest.skip(f"{binary} is missing: run scripts/build")
    with tempfile.TemporaryDirectory(prefix="bk-job-", dir="/tmp") as folder:
        bare = ["PATH=/nonexistent", f"HOME={folder}", f"TMPDIR={folder}", "LANG=C.UTF-8"]
        tested = SOURCE if binary is None else (str(binary),)
        started = Program(Path(folder), argv=("/usr/bin/env", "-i", *bare, *tested))
        yield name, started.start()
        code = started.stop()
        started.close()
        assert code == 0
        assert not list(Path(folder).glob("_MEI*"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


def test_a_command_is_answered_and_a_heartbeats_button_works(
    browser: Browser, program: tuple[str, Program]
) -> None:
    name, running = program
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    context.set_default_timeout(DEADLINE_MS)
    expect.set_options(timeout=DEADLINE_MS)
    page = context.new_page()
    page.goto(running.url_with_token)
    expect(page.locator("#connection")).to_have_attribute("data-kind", "connected")
    type_command(page, "@Botkube echo hello")
    expect(answer(page, "echo hello").locator("pre")).to_have_text("echo hello")
    beat = page.locator(".message.event").filter(has_text=re.compile(r"tick \d+")).first
    expect(beat).to_be_visible()  # by itself: nobody asked for it
    beat.get_by_role("button", name="Echo").click()
    expect(page.locator(".message.bot pre").last).to_have_text(re.compile(r"^echo heartbeat \d+$"))
    screenshot(page, f"main-job-{name}")
    context.close()


def type_command(page: Page, text: str) -> None:
    page.click("#text")
    page.keyboard.type(text)
    page.keyboard.press("Enter")
