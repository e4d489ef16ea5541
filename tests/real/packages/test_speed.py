"""Eight plugins with a dependency each, over a slow line: at once, and once only.

10 MB at 2 MB/s and 50 ms are scaled to 160 kB at 400 kB/s: the times keep their proportions, but for the latency,
which weighs more here. SPEED_FULL=1 takes the real figures, and a minute and a half.
"""

import os
from pathlib import Path

import pytest
import trio
from msgspec.structs import replace

from botkube.model.plugin import PluginKey, parse_plugin_key
from botkube.packages.fetcher import Bounds
from tests.fakes.installing import Rig
from tests.fakes.repository import Repository, entry, served, static

pytestmark = [pytest.mark.real, pytest.mark.slow, pytest.mark.alone]

FULL = bool(os.environ.get("SPEED_FULL"))
SIZE, RATE = (10_000_000, 2_000_000.0) if FULL else (160_000, 400_000.0)
LATENCY = 0.05
KEYS = [parse_plugin_key("executor", f"r/p{number}") for number in range(8)]


def fill(server: Repository) -> None:
    entries = []
    for key in KEYS:
        for path in (key.name, f"{key.name}-tool"):
            server.pages[f"/{path}"] = static(os.urandom(SIZE), rate=RATE, delay=LATENCY)
        needs = {"tool": {"url": f"{key.name}-tool"}}
        entries.append(entry(key.name, key.name, dependencies=needs))
    server.put_index(*entries)


async def install(rig: Rig, parallel: int) -> float:
    bounds = Bounds(parallel=parallel) if FULL else replace(rig.settings.bounds, parallel=parallel)
    rig.settings = replace(rig.settings, bounds=bounds)
    began = trio.current_time()
    async with rig.opened() as installer:

        async def one(key: PluginKey) -> None:
            await installer.install(key, rig.told.append)

        async with trio.open_nursery() as nursery:
            for key in KEYS:
                if parallel == 1:
                    await one(key)
                else:
                    nursery.start_soon(one, key)
    return trio.current_time() - began


async def test_all_at_once_are_four_times_as_fast_as_one_after_another(tmp_path: Path) -> None:
    rigs = []
    async with served() as server:
        fill(server)
        for name in ("one", "all"):
            (tmp_path / name).mkdir()
            rigs.append(Rig(tmp_path / name, server))
        with trio.fail_after(300):
            after_another = await install(rigs[0], 1)
            server.asked.clear()
            at_once = await install(rigs[1], rigs[1].settings.bounds.parallel)
            assert len(server.asked) == 1 + 2 * len(KEYS)
            server.asked.clear()
            again = await install(rigs[1], 8)
    print(  # noqa: T201 - figures
        f"one after another {after_another:.2f} s, at once {at_once:.2f} s, again {again:.2f} s"
    )
    assert server.asked == []
    # A machine that is busy shares itself out among all of them.
    assert after_another / at_once >= (4 if FULL else 1.5)
