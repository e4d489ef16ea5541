"""What is ordered for which plugins, and how each order ends."""

from pathlib import Path

import pytest
import trio

from botkube.app.plugins.packages import configured, enabled_at
from botkube.model.plugin import parse_plugin_key
from botkube.packages.ledger import forget_plugin
from tests.fakes.ordering import BROKEN, FREE, OFF, USED, V1, V2, configuration, ordering
from tests.fakes.shelved import Shelved
from tests.fakes.shop import offer

pytestmark = pytest.mark.real


def test_what_is_configured_is_known_and_where_it_is_enabled(tmp_path: Path) -> None:
    config = configuration(Shelved(tmp_path), "u")
    assert list(configured(config)) == [USED, OFF]
    assert list(enabled_at(config, USED)) == ["executors.tools.r/used"]
    assert list(enabled_at(config, OFF)) == []


async def test_a_plugin_is_updated_and_rolled_back_and_runs_anew_each_time(tmp_path: Path) -> None:
    async with ordering(tmp_path) as rig:
        used = "executor r/used: done"
        assert await rig.order("install") == [(used, f"{V1} is there")]
        assert len(rig.runs) == 1
        assert await rig.order("update", "r/used") == [
            (used, f"{V2} is installed in place of {V1}")
        ]
        assert await rig.order("update") == [(used, f"{V2} is the newest already")]
        assert len(rig.runs) == 2
        assert await rig.order("rollback", "executor r/used") == [
            (used, f"is at {V1} again, after {V2}")
        ]
        assert rig.version(USED) == V1
        assert len(set(rig.runs)) == 2
        assert len(rig.runs) == 3
        assert await rig.order("remove", "r/used") == [
            (
                "executor r/used: refused",
                "is enabled: set executors.tools.r/used.enabled to false first",
            )
        ]


async def test_what_nobody_uses_is_installed_and_removed(tmp_path: Path) -> None:
    async with ordering(tmp_path) as rig:
        assert sorted(await rig.order("install", "r/free", "r/off")) == [
            (
                "executor r/free: done",
                f"{V1} is installed; no channel uses this key: enable it below executors, and bind that group to a channel",
            ),
            (
                "executor r/off: done",
                f"{V1} is installed; no channel uses this key: enable it below executors, and bind that group to a channel",
            ),
        ]
        assert len(rig.runs) == 1
        path = rig.shelved.root / "r" / f"executor_{V1}_free"
        assert path.read_bytes() == b"f1"
        assert await rig.order("rollback", "r/free") == [
            ("executor r/free: refused", "there is no version of r/free before the installed one")
        ]
        assert sorted(await rig.order("remove", "r/free", "r/off")) == [
            ("executor r/free: done", f"{V1} is removed"),
            ("executor r/off: done", f"{V1} is removed"),
        ]
        assert not path.exists()
        assert (rig.version(FREE), rig.version(USED)) == ("", V1)
        assert await rig.order("remove", "r/free") == [
            ("r/free: refused", "there is none of that name installed")
        ]


@pytest.mark.parametrize(
    ("text", "stage", "said"),
    [
        ("builtin/echo", "done", "is built in"),
        ("executor builtin/echo", "done", "is built in"),
        ("r/none", "refused", "has no executor none; its executors are free, off, used"),
        ("source r/used", "refused", "has no source used"),
        ("else/where", "refused", "there is no repository else"),
        ("r/used@v3", "refused", "v3"),
    ],
)
async def test_what_cannot_be_done_is_told(
    tmp_path: Path, text: str, stage: str, said: str
) -> None:
    async with ordering(tmp_path) as rig:
        [(end, why)] = await rig.order("install", text)
        assert end.endswith(f": {stage}")
        assert said in why


@pytest.mark.parametrize("action", ["remove", "rollback"])
async def test_what_is_built_in_stays(tmp_path: Path, action: str) -> None:
    async with ordering(tmp_path) as rig:
        [(end, why)] = await rig.order(action, "builtin/echo")
        assert end == "executor builtin/echo: refused"
        assert why.startswith("is built in")


async def test_one_name_for_several_is_not_removed_nor_rolled_back(tmp_path: Path) -> None:
    async with ordering(tmp_path) as rig:
        ranged, pinned = (parse_plugin_key("executor", f"r/free@{v}") for v in ("^1", V1))
        await rig.order("install", str(ranged), str(pinned))
        several = (
            f"'r/free' is more than one plugin, say which: executor {ranged}, executor {pinned}"
        )
        for action in ("remove", "rollback"):
            assert await rig.order(action, "r/free") == [("r/free: refused", several)]
        assert rig.version(ranged) == rig.version(pinned) == V1
        done = [(f"executor {pinned}: done", f"{V1} is removed")]
        assert await rig.order("remove", str(pinned)) == done
        assert (rig.version(ranged), rig.version(pinned)) == (V1, "")


async def test_what_is_wrong_with_one_name_does_not_keep_the_others(tmp_path: Path) -> None:
    async with ordering(tmp_path) as rig:
        unknown = ("no/such: refused", "there is none of that name installed")
        await rig.order("install", "r/free")
        assert await rig.order("remove", "no/such", "r/free", "executor r/free") == [
            unknown,
            ("executor r/free: done", f"{V1} is removed"),
        ]
        rig.shelved.lock_file.write_text("{")
        [(end, why)] = await rig.order("install")
        assert (end, "is damaged" in why) == ("executor r/used: refused", True)


async def test_a_changed_file_of_a_version_is_taken_after_a_removal_in_the_files(
    tmp_path: Path,
) -> None:
    async with ordering(tmp_path) as rig:
        used = "executor r/used"
        await rig.order("install")
        offer(rig.server, {("used", V1): b"another"})
        [(stage, text)] = await rig.order("update", "r/used")
        assert stage == f"{used}: refused"
        assert "If that is meant: `botkube plugins remove` it, with --config" in text
        shelf = rig.shelved.places.shelf()  # as the command does it beside a running instance:
        assert await trio.to_thread.run_sync(forget_plugin, shelf, USED)
        assert len(rig.runs) == 1
        assert await rig.order("install", "r/used") == [(f"{used}: done", f"{V1} is installed")]
        assert len(set(rig.runs)) == 2


async def test_an_install_says_that_it_mended_what_was_there(tmp_path: Path) -> None:
    async with ordering(tmp_path) as rig:
        free = "executor r/free: done"
        await rig.order("install", "r/free")
        path = rig.shelved.root / "r" / f"executor_{V1}_free"
        there = f"{V1} is there; its files were not as locked, and were mended; no channel uses this key: enable it below executors, and bind that group to a channel"
        path.unlink()
        path.write_bytes(b"xx")  # in the place of the link
        assert await rig.order("install", "r/free") == [(free, there)]
        path.chmod(0o755)
        path.write_bytes(b"xx")  # what it is linked to
        assert await rig.order("install", "r/free") == [(free, there)]
        assert path.read_bytes() == b"f1"
        same = f"{V1} is there; no channel uses this key: enable it below executors, and bind that group to a channel"
        assert await rig.order("install", "r/free") == [(free, same)]


async def test_a_release_that_does_not_start_is_no_success(tmp_path: Path) -> None:
    async with ordering(tmp_path) as rig:
        used = "executor r/used"
        offer(rig.server, {("used", BROKEN): b"3"})
        [(stage, text)] = await rig.order("update", "r/used")
        assert stage == f"{used}: failed"
        assert text.startswith(f"{BROKEN} is installed in place of {V1}, but it does not start: ")
        assert "no module named y" in text
        assert text.endswith(f"`botkube plugins update --roll-back '{used}'` goes back to {V1}")
        assert rig.version(USED) == BROKEN
        for action, same in (("update", "is the newest already"), ("install", "is there")):
            [(stage, text)] = await rig.order(action, "r/used")
            assert stage == f"{used}: failed"
            assert text.startswith(f"{BROKEN} {same}, but it does not start: ")
            assert "no module named y" in text
            assert text.endswith(f"`botkube plugins logs '{used}'` has what it wrote")
        back = await rig.order("rollback", "r/used")
        assert back == [(f"{used}: done", f"is at {V1} again, after {BROKEN}")]
        [(stage, text)] = await rig.order("rollback", "r/used")  # forth again
        assert (stage, "no module named y" in text) == (f"{used}: failed", True)
