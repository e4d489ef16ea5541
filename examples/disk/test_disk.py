"""`disk` through the real protocol, in folders of a known size."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import trio
from botkube.sdk.testing import CallFailed, PluginHarness

PLUGIN = Path(__file__).with_name("disk.py")


@pytest.fixture
async def disk() -> AsyncGenerator[PluginHarness]:
    """The plugin, running."""
    async with PluginHarness.start(PLUGIN) as started:
        yield started


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a large and a small one in it."""
    for name, size in (("large", 300_000), ("small", 10)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_bytes(b"x" * size)
    return tmp_path


async def test_usage_of_the_first_folder(disk: PluginHarness, folder: Path) -> None:
    with trio.fail_after(20):
        answer = await disk.execute("disk usage", {"folders": [str(folder)]})
    assert answer.text.startswith("Filesystem")


async def test_the_largest_come_first_and_lead_on(disk: PluginHarness, folder: Path) -> None:
    heard: list[str] = []
    with trio.fail_after(20):
        answer = await disk.execute(f"disk top '{folder}' -n 1", on_output=heard.append)
    section = answer.message.sections[0]
    size, unit, path = section.body.code_block.split()
    assert (unit, path) == ("KiB", f"{folder}/large")
    assert 290 <= float(size) <= 400  # file systems add a little
    assert str(folder / "small") in "".join(heard)
    deeper = section.selects.items[0]
    assert deeper.command == "{{BotName}} disk top"
    assert deeper.option_groups[0].options[0].value == f"'{folder}/large'"


async def test_without_choices_it_is_plain_text(disk: PluginHarness, folder: Path) -> None:
    with trio.fail_after(20):
        answer = await disk.execute(f"disk top {folder}", interactive=False)
    assert [line.split()[-1] for line in answer.text.splitlines()] == [
        f"{folder}/large",
        f"{folder}/small",
    ]


async def test_what_is_refused(disk: PluginHarness, folder: Path) -> None:
    refused = {
        "disk": "required: COMMAND",
        "disk usage /etc": "may not be looked into",
        f"disk usage {folder}/..": "may not be looked into",
        f"disk usage {folder}/none": "is no folder",
        f"disk top {folder}/small": "no folder in .* can be read",
        "disk top -n 0": 'number is "0", expected a whole number >= 1',
    }
    for command, said in refused.items():
        with trio.fail_after(20), pytest.raises(CallFailed, match=said):
            await disk.execute(command, {"folders": [str(folder)]})


async def test_help_names_the_commands(disk: PluginHarness) -> None:
    with trio.fail_after(20):
        text = (await disk.help()).base_body.code_block
    assert "usage: disk" in text
    assert "Which folders are the largest." in text
