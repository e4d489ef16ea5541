"""kill -9 in the middle: what was there stays, nothing is ever half there, the next run completes it."""

import json
import sys
from pathlib import Path

import pytest
import trio

from tests.fakes.bundles import make
from tests.fakes.installing import Rig, offer
from tests.fakes.repository import Repository, served

pytestmark = [pytest.mark.real, pytest.mark.slow]

POINTS = 50
FEWER = 12  # of what is short

NOTHING = {"version": None}
FIRST = {"version": "v1.0.0", "plugin": "plugin p v1.0.0\n", "tool": "tool of p v1.0.0\n"}
SECOND = {name: text.replace("v1.0.0", "v2.0.0") for name, text in FIRST.items()}


async def killed(
    folder: Path, server: Repository, scenario: str, points: int
) -> list[dict[str, dict[str, str]]]:
    """What was found after each kill, and after it was done again."""
    place = folder / scenario
    place.mkdir()
    arguments = [str(place), server.url, str(points), scenario]
    done = await trio.run_process(
        [sys.executable, "-m", "tests.fakes.killed", *arguments],
        capture_stdout=True,
        capture_stderr=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    *found, last = [json.loads(line) for line in done.stdout.splitlines()]
    print(f"{scenario}: {len(found)} of {last['points']} points")  # noqa: T201 - a figure
    assert len(found) == min(points, last["points"])
    return found


def publish(server: Repository) -> None:
    """Two versions, each in an index of its own."""
    server.put_index(offer(server))
    server.put_index(offer(server, "v2.0.0"), path="/second.yaml")


def versions(found: list[dict[str, dict[str, str]]]) -> set[str | None]:
    """Which versions were there after the kills."""
    return {each["half"]["version"] for each in found}


async def test_killed_at_fifty_points(tmp_path: Path) -> None:
    async with served() as server:
        publish(server)
        with trio.fail_after(110):
            found = await killed(tmp_path, server, "install", POINTS)
    assert len(found) == POINTS
    for each in found:
        assert each["half"] in (NOTHING, FIRST, SECOND), each
        assert each["then"] == SECOND, each
    halves = [each["half"]["version"] for each in found]
    assert halves == sorted(halves, key=lambda version: version or "")  # never back to less
    assert {None, "v1.0.0", "v2.0.0"} == set(halves)


async def test_killed_while_it_is_removed(tmp_path: Path) -> None:
    async with served() as server:
        publish(server)
        with trio.fail_after(100):
            found = await killed(tmp_path, server, "remove", FEWER)
    for each in found:
        assert each["half"] in (NOTHING, SECOND), each
        assert each["then"] == NOTHING, each
        assert not each["left"], each
    assert versions(found) == {None, "v2.0.0"}


async def test_killed_while_it_goes_back(tmp_path: Path) -> None:
    async with served() as server:
        publish(server)
        with trio.fail_after(100):
            found = await killed(tmp_path, server, "rollback", FEWER)
    for each in found:
        assert each["half"] in (FIRST, SECOND), each
        assert each["then"] == FIRST, each
    assert versions(found) == {"v1.0.0", "v2.0.0"}


async def test_killed_while_a_bundle_is_installed(tmp_path: Path) -> None:
    async with served() as server:
        publish(server)
        (tmp_path / "maker").mkdir()
        await make(Rig(tmp_path / "maker", server), tmp_path / "bundle.tar")
        server.pages.clear()
        with trio.fail_after(100):
            found = await killed(tmp_path, server, "bundle", FEWER)
    for each in found:
        assert each["half"] in (NOTHING, FIRST), each
        assert each["then"] == FIRST, each
    assert versions(found) == {None, "v1.0.0"}
