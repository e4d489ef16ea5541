"""Several things that are done to one plugin, and keys that share the files of a version."""

import errno
from collections.abc import AsyncGenerator
from functools import partial
from pathlib import Path

import pytest
import trio
from msgspec.structs import replace

from botkube.model.plugin import parse_plugin_key
from botkube.packages.cache.lockfile import Lock, write_lock
from botkube.packages.cache.objects import collect, plugin_path
from botkube.packages.errors import PackageFailed, PackageRefused
from tests.fakes.installing import BOUNDS, KEY, PATIENT, Rig, offer
from tests.fakes.repository import Answer, Asked, index_of, served
from tests.fakes.signing import Signer

pytestmark = pytest.mark.real

PINNED = parse_plugin_key("executor", "r/p@v1.0.0")


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncGenerator[Rig]:
    with trio.fail_after(100):
        async with served() as server:
            yield Rig(tmp_path, server)


def version(rig: Rig) -> str:
    locked = rig.lock.get(KEY)
    return locked.version if locked else ""


def slow(rig: Rig, path: str) -> trio.Event:
    """Make a page come late; returns what tells that it was asked for."""
    page, asked = rig.server.pages[path], trio.Event()

    def late(request: Asked) -> Answer:
        asked.set()
        return replace(page(request), delay=0.3)

    rig.server.pages[path] = late
    return asked


async def test_an_update_is_not_undone_by_an_install_that_began_before(rig: Rig) -> None:
    rig.server.put_index(offer(rig.server))
    damaged = (await rig.install()).path
    damaged.chmod(0o777)
    rig.server.put_index(offer(rig.server), offer(rig.server, "v2.0.0"))
    asked = slow(rig, "/p-v1.0.0.tar.gz")
    async with rig.opened() as installer, trio.open_nursery() as nursery:
        nursery.start_soon(installer.install, KEY, rig.told.append)
        await asked.wait()
        nursery.start_soon(partial(installer.install, KEY, rig.told.append, update=True))
    assert version(rig) == "v2.0.0"


async def test_a_removal_is_not_undone_by_an_install_that_began_before(rig: Rig) -> None:
    rig.server.put_index(offer(rig.server))
    asked = slow(rig, "/p-v1.0.0.tar.gz")
    async with rig.opened() as installer, trio.open_nursery() as nursery:
        nursery.start_soon(installer.install, KEY, rig.told.append)
        await asked.wait()
        nursery.start_soon(installer.remove, KEY)
    assert version(rig) == ""
    assert not plugin_path(rig.root, KEY, "v1.0.0").exists()


async def test_a_version_stays_while_another_key_stands_for_it(rig: Rig) -> None:
    rig.server.put_index(offer(rig.server))
    found = await rig.install()
    await rig.install(PINNED)
    async with rig.opened() as installer:
        assert await installer.remove(PINNED)
        assert found.path.exists()
        assert (found.dependencies / "tool").exists()
        assert await installer.remove(KEY)
    assert not found.path.exists()
    assert not found.dependencies.exists()


async def test_another_key_does_not_bring_other_files_of_the_same_version(rig: Rig) -> None:
    rig.server.put_index(offer(rig.server))
    before = (await rig.install()).path.read_bytes()
    rig.server.put_index(offer(rig.server, content=b"other"))
    with pytest.raises(PackageRefused, match=r"version v1\.0\.0"):
        await rig.install(PINNED)
    without_checksum = {**offer(rig.server, content=b"other")}
    for url in without_checksum["urls"]:  # type: ignore[attr-defined] # a list of mappings
        url.pop("checksum")
    rig.server.put_index(without_checksum)
    with pytest.raises(PackageRefused, match=r"version v1\.0\.0"):
        await rig.install(PINNED)
    assert plugin_path(rig.root, KEY, "v1.0.0").read_bytes() == before


async def test_nobody_goes_back_to_what_may_not_be_used(rig: Rig) -> None:
    rig.server.put_index(offer(rig.server))
    await rig.install()
    signer = Signer()
    rig.change(public_key=signer.public_key, policy="require")
    index = index_of(offer(rig.server), offer(rig.server, "v2.0.0"))
    rig.server.put("/index.yaml", index)
    rig.server.put("/index.yaml.minisig", signer.sign(index))
    await rig.install(update=True)
    async with rig.opened() as installer:
        with pytest.raises(PackageRefused, match=r"version v1\.0\.0 .* did not come from an index"):
            await installer.roll_back(KEY)
    assert version(rig) == "v2.0.0"


async def test_a_removal_that_broke_off_is_finished_by_tidying_up(rig: Rig) -> None:
    rig.server.put_index(offer(rig.server))
    found = await rig.install()
    write_lock(rig.shelf.lock_file, Lock())  # killed before its links went
    assert found.path.exists()
    collect(rig.root, rig.lock, 0)
    assert not rig.files()


async def test_a_removal_that_cannot_remove_says_what(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig.server.put_index(offer(rig.server))
    found = await rig.install()

    def refuse(path: Path, *, missing_ok: bool = False) -> None:
        if missing_ok:
            return
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    async with rig.opened() as installer:
        monkeypatch.setattr(Path, "unlink", refuse)
        with pytest.raises(PackageFailed, match=r"no longer in .* but .* cannot be removed: Perm"):
            await installer.remove(KEY)
        monkeypatch.undo()
        assert found.path.exists()
        assert not await installer.remove(KEY)


async def test_what_is_the_newest_already_or_was_before_is_not_downloaded_again(rig: Rig) -> None:
    rig.server.put_index(offer(rig.server), offer(rig.server, "v2.0.0"))
    await rig.install()
    rig.server.asked.clear()
    assert (await rig.install(update=True)).version == "v2.0.0"
    rig.server.put_index(offer(rig.server), offer(rig.server, "v3.0.0"))
    await rig.install(update=True)
    async with rig.opened() as installer:
        await installer.roll_back(KEY)
    assert (await rig.install(update=True)).version == "v3.0.0"
    assert sorted(rig.server.paths) == [*["/index.yaml"] * 3, "/p-v3.0.0.tar.gz", "/tool-p-v3.0.0"]


async def test_a_silent_repository_is_waited_for_once(rig: Rig) -> None:
    rig.server.pages["/index.yaml"] = lambda _: Answer(delay=600)
    bounds = replace(BOUNDS, patience=replace(PATIENT, answer=0.5))
    rig.settings = replace(rig.settings, bounds=bounds)
    keys = [replace(KEY, name=f"p{number}") for number in range(5)]
    troubles: list[str] = []

    async def fails(key: object, install: object) -> None:
        assert callable(install)
        with pytest.raises(PackageFailed) as caught:
            await install(key, rig.told.append)
        troubles.append(str(caught.value))

    async with rig.opened() as installer, trio.open_nursery() as nursery:
        for key in keys:
            nursery.start_soon(fails, key, installer.install)
    assert len(set(troubles)) == 1
    assert len(troubles) == 5
    asked = rig.server.paths.count("/index.yaml")
    async with rig.opened() as installer:
        await fails(KEY, installer.install)
    assert rig.server.paths.count("/index.yaml") == 2 * asked, "a new wish asks anew"
