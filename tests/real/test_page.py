"""The page as a person uses it: a real browser against the running program.

Needs the fixture `running_playground` (see `RunningPlayground`). It is an ordinary, not an async
fixture, and so are the tests: Playwright's own event loop must not meet Trio's. The program runs in a
process of its own with the embedded default configuration: at least two channels, the echo executor,
and the heartbeat source, whose notifications carry a button.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect

from tests.fakes.browser import answer, chromium

pytestmark = [pytest.mark.real, pytest.mark.slow]

ARTEFACTS = Path(__file__).parents[1] / "artefacts"
DEADLINE_MS = 60_000  # of every single expectation
HEARTBEAT = re.compile(r"tick \d+")


class RunningPlayground(Protocol):
    """A started instance, made anew for each test.

    `url` is `http://host:port/` and `url_with_token` the URL that `botkube run` prints. `stop()` ends
    the program by SIGTERM and waits for its end; `start()` starts it on the same port and state
    directory and returns once it is started; `restart()` is both.
    """

    url: str
    url_with_token: str

    def stop(self) -> None: ...
    def start(self) -> None: ...
    def restart(self) -> None: ...


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def complaints() -> list[str]:
    """What the browser complained about: errors of the page, refused scripts or styles."""
    return []


@pytest.fixture
def page(
    browser: Browser, running_playground: RunningPlayground, complaints: list[str]
) -> Iterator[Page]:
    context = browser.new_context(color_scheme="dark", viewport={"width": 1200, "height": 800})
    context.set_default_timeout(DEADLINE_MS)
    expect.set_options(timeout=DEADLINE_MS)
    opened = context.new_page()

    def note(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            complaints.append(message.text)

    opened.on("console", note)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.goto(running_playground.url_with_token)
    expect_connected(opened)
    yield opened
    context.close()


def expect_connected(page: Page) -> None:
    expect(page.locator("#connection")).to_have_attribute("data-kind", "connected")
    expect(page.locator("#messages")).to_have_attribute("aria-busy", "false")


def say(page: Page, text: str) -> None:
    page.fill("#text", text)
    page.press("#text", "Enter")


def commands(page: Page, command: str) -> Locator:
    return page.locator(".command").filter(has_text=re.compile(rf"@Botkube {re.escape(command)}$"))


def open_channel_with(page: Page, text: re.Pattern[str]) -> Locator:
    """Goes through the channels to the one where a notification of this text appears by itself."""
    found = page.locator(".message.event").filter(has_text=text)
    for _ in range(page.locator("#channels .channel").count()):
        expect(page.locator(".edge .note, .edge .empty").first).not_to_have_text(
            "Loading messages…"
        )
        if found.count():
            return found.last
        page.keyboard.press("Alt+ArrowDown")
    expect(found.last).to_be_visible()
    return found.last


def screenshot(page: Page, name: str) -> None:
    ARTEFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTEFACTS / f"{name}.png")


def test_a_typed_command_is_answered(page: Page, complaints: list[str]) -> None:
    page.keyboard.type("@Botkube echo hello")
    page.keyboard.press("Enter")
    expect(answer(page, "echo hello").locator("pre")).to_have_text("echo hello")
    expect(commands(page, "echo hello")).to_have_count(1)
    screenshot(page, "page-echo")
    assert complaints == []


def test_the_mention_can_be_left_out(page: Page) -> None:
    say(page, "echo without mention")
    expect(answer(page, "echo without mention").locator("pre")).to_have_text("echo without mention")


def test_with_the_mention_off_it_is_plain_chat(page: Page) -> None:
    page.click("#chip")
    say(page, "good morning")
    expect(page.locator(".message.person").last).to_contain_text("good morning")
    say(page, "@Botkube echo still works")
    expect(answer(page, "echo still works")).to_have_count(1)


def test_a_heartbeat_appears_and_its_button_runs_a_command(page: Page) -> None:
    beat = open_channel_with(page, HEARTBEAT)
    before = page.locator(".message.bot:not(.event)").count()
    beat.get_by_role("button").first.click()
    expect(page.locator(".message.person .command").last).to_be_visible()
    expect(page.locator(".message.bot:not(.event)")).to_have_count(before + 1)
    expect(page.locator(".message .problem")).to_have_count(0)
    screenshot(page, "page-heartbeat")


def test_help_offers_buttons_that_work(page: Page) -> None:
    say(page, "help")
    helped = answer(page, "help")
    expect(helped.locator(".header").first).to_be_visible()
    helped.get_by_role("button", name="List executor plugins").click()
    expect(answer(page, "list executors").locator("pre")).to_contain_text("builtin/echo")
    screenshot(page, "page-help")


def test_a_command_that_is_none_is_answered(page: Page) -> None:
    say(page, "no-such-command")
    expect(answer(page, "no-such-command")).to_contain_text("Command not supported")


def test_markup_in_answers_stays_text(page: Page, complaints: list[str]) -> None:
    hostile = 'echo <img src=x onerror=alert(1)> <script>alert(2)</script> "&amp;"'
    page.on("dialog", lambda dialog: complaints.append(dialog.message))
    say(page, hostile)
    expect(page.locator(".message.bot pre").last).to_have_text(hostile)
    assert page.locator("#messages img:not(.avatar), #messages script").count() == 0
    assert complaints == []


def test_nothing_is_asked_of_another_server(
    page: Page, running_playground: RunningPlayground
) -> None:
    hosts: list[str] = []
    page.on("request", lambda request: hosts.append(urlsplit(request.url).netloc))
    page.reload()
    expect_connected(page)
    assert set(hosts) == {urlsplit(running_playground.url).netloc}


def test_it_survives_a_restart_and_catches_up(
    page: Page, running_playground: RunningPlayground
) -> None:
    say(page, "echo before")
    expect(answer(page, "echo before")).to_have_count(1)
    running_playground.stop()
    expect(page.locator("#connection")).to_have_attribute("data-kind", "waiting")
    expect(page.locator("#connection")).to_contain_text("Reconnecting")
    screenshot(page, "page-reconnecting")
    running_playground.start()
    expect_connected(page)
    say(page, "echo after")
    expect(answer(page, "echo after").locator("pre")).to_have_text("echo after")
    expect(commands(page, "echo before")).to_have_count(1)
    expect(answer(page, "echo before")).to_have_count(1)


def test_a_text_the_server_did_not_take_is_kept_and_sent_once(
    page: Page, running_playground: RunningPlayground
) -> None:
    running_playground.stop()
    say(page, "echo patient")
    expect(page.locator("#problem")).to_contain_text("Not sent")
    expect(page.locator("#text")).to_have_value("echo patient")
    running_playground.start()
    expect_connected(page)
    page.press("#text", "Enter")
    expect(answer(page, "echo patient").locator("pre")).to_have_text("echo patient")
    expect(commands(page, "echo patient")).to_have_count(1)
    expect(page.locator("#problem")).to_be_hidden()


def test_messages_are_there_again_after_a_reload(page: Page) -> None:
    say(page, "echo lasting")
    expect(answer(page, "echo lasting")).to_have_count(1)
    page.reload()
    expect_connected(page)
    expect(commands(page, "echo lasting")).to_have_count(1)
    expect(answer(page, "echo lasting")).to_have_count(1)


def test_without_its_cookie_the_page_says_where_to_go(page: Page) -> None:
    page.context.clear_cookies()
    page.reload()
    expect(page.locator("#banner")).to_contain_text("open the URL printed by botkube run")
    screenshot(page, "page-expired")


def test_the_token_leaves_the_address(page: Page) -> None:
    assert "token" not in page.url


def test_keys_recall_switch_and_add_lines(page: Page) -> None:
    say(page, "echo recalled")
    expect(answer(page, "echo recalled")).to_have_count(1)
    page.press("#text", "ArrowUp")
    expect(page.locator("#text")).to_have_value("echo recalled")
    page.press("#text", "Shift+Enter")
    page.keyboard.type("more")
    expect(page.locator("#text")).to_have_value("echo recalled\nmore")
    first, second = page.locator("#channels .channel .name").all_inner_texts()[:2]
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator("#title")).to_have_text(second)
    page.keyboard.press("Control+k")
    page.keyboard.type(first)
    page.keyboard.press("Enter")
    expect(page.locator("#title")).to_have_text(first)


def test_an_unread_channel_is_marked_until_it_is_opened(page: Page) -> None:
    other = page.context.new_page()
    other.goto(page.url)
    expect_connected(other)
    other.click("#user")
    other.fill("#user-name", "ann")
    other.press("#user-name", "Enter")
    other.keyboard.press("Alt+ArrowDown")
    say(other, "echo unseen")
    expect(answer(other, "echo unseen")).to_have_count(1)
    title = other.locator("#title").inner_text()
    mark = page.get_by_role("button", name=title).locator(".badge")
    expect(mark).to_be_visible()
    page.get_by_role("button", name=title).click()
    expect(mark).to_have_count(0)
    expect(page.locator(".message.person .author").last).to_have_text("ann")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 400])
def test_it_fits_in_light_and_dark_wide_and_narrow(page: Page, scheme: str, width: int) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": 800})
    say(page, "help")
    expect(answer(page, "help")).to_be_visible()
    screenshot(page, f"page-{scheme}-{width}")
    assert page.evaluate("document.querySelector('#log').scrollWidth") <= width
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (background == "rgb(255, 255, 255)") is (scheme == "light")
