"""`watchfile` through the real protocol, with a file that grows."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import trio
from botkube.sdk.testing import CallFailed, PluginHarness

PLUGIN = Path(__file__).with_name("watchfile.py")


@pytest.fixture
async def watchfile() -> AsyncGenerator[PluginHarness]:
    """The plugin, running."""
    async with PluginHarness.start(PLUGIN) as started:
        yield started


def append(path: Path, text: str) -> None:
    """Let the file grow."""
    with path.open("a") as file:
        file.write(text)


async def test_new_lines_that_match_are_reported(watchfile: PluginHarness, tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_text("error: first\nfine\n")
    config = {"path": str(log), "pattern": "^error", "existing": True, "command": "disk usage"}
    with trio.fail_after(20):
        async with watchfile.stream(config) as events:
            first = await anext(events)  # from now on the file is being followed
            append(log, "fine\nerror: 4")
            append(log, "2\n")
            second = await anext(events)
    assert first.message.sections[0].body.code_block == "error: first"
    assert first.message.sections[0].buttons[0].command == "{{BotName}} disk usage"
    assert isinstance(second.raw, dict)
    assert (second.raw["text"], second.raw["path"]) == ("error: 42", str(log))


async def test_a_file_that_is_replaced_is_still_followed(
    watchfile: PluginHarness, tmp_path: Path
) -> None:
    log = tmp_path / "app.log"
    log.write_text("old\n")
    with trio.fail_after(20):
        async with watchfile.stream({"path": str(log), "existing": True}) as events:
            await anext(events)
            fresh = tmp_path / "fresh"
            fresh.write_text("new\n")
            fresh.replace(log)
            event = await anext(events)
    assert event.message.sections[0].body.code_block == "new"


@pytest.mark.parametrize(
    ("config", "said"),
    [({}, "path is missing"), ({"path": "x", "pattern": "("}, "no regular expression")],
)
async def test_a_wrong_configuration_is_explained(
    watchfile: PluginHarness, config: dict[str, object], said: str
) -> None:
    with trio.fail_after(20):
        async with watchfile.stream(config) as events:
            with pytest.raises(CallFailed, match=said):
                await anext(events)
