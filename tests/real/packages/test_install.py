"""Plugins from an index to the cache: the right version, all of it or nothing, and no network once they are there."""

import os
from collections.abc import AsyncGenerator
from functools import partial
from pathlib import Path

import pytest
import trio
from msgspec.structs import replace

from botkube.model.plugin import parse_plugin_key
from botkube.packages.cache.objects import collect, object_path
from botkube.packages.download.web import Access
from botkube.packages.errors import PackageFailed, PackageRefused
from botkube.packages.progress import Progress
from tests.fakes.archives import tar, zipped
from tests.fakes.installing import KEY, Rig, offer
from tests.fakes.repository import Answer, always, entry, in_turn, index_of, served, sha256, static
from tests.fakes.signing import Signer

pytestmark = pytest.mark.real

SIGNER = Signer()


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncGenerator[Rig]:
    async with served() as server:
        with trio.fail_after(100):
            yield Rig(tmp_path, server)


async def test_a_plugin_and_its_dependency_are_installed(rig: Rig) -> None:
    rig.server.put_index(offer(rig.server), offer(rig.server, "v1.1.0"))
    found = await rig.install()
    assert (found.version, found.path) == ("v1.1.0", rig.root / "r" / "executor_v1.1.0_p")
    assert found.path.read_bytes() == b"plugin p v1.1.0\n"
    assert os.access(found.path, os.X_OK)
    assert (found.dependencies / "tool").read_bytes() == b"tool of p v1.1.0\n"
    assert [name for name in rig.files() if name.startswith("downloads/")] == []
    locked = rig.lock.get(KEY)
    assert locked is not None
    files = locked.platforms[rig.shelf.platform]
    archive = tar({"README.md": b"x", "executor_p": b"plugin p v1.1.0\n"}, "gz")
    assert files.plugin.download == sha256(archive)
    assert files.plugin.sha256 == sha256(b"plugin p v1.1.0\n") == found.sha256
    assert files.dependencies["tool"].url == f"{rig.server.url}/tool-p-v1.1.0"
    stages = [progress.stage for progress in rig.told]
    assert stages[0] == "index"
    assert stages[-1] == "checking"
    assert "downloading" in stages


async def test_what_is_installed_asks_nobody(rig: Rig) -> None:
    rig.server.put_index(offer(rig.server))
    first = await rig.install()
    rig.server.asked.clear()
    rig.server.pages.clear()
    assert await rig.install() == first
    assert rig.server.asked == []


@pytest.mark.parametrize(
    ("version", "installed"),
    [
        ("@v1.0.0", "v1.0.0"),
        ("@1.0.0", "v1.0.0"),
        ("@^1.0", "v1.9.0"),
        ("@~1.0", "v1.0.0"),
        ("", "v2.0.0"),
        ("@v3.0.0-rc.1", "v3.0.0-rc.1"),
    ],
)
async def test_a_pinned_version_is_that_versions_binary(
    rig: Rig, version: str, installed: str
) -> None:
    versions = ["v1.0.0", "v3.0.0-rc.1", "v1.9.0", "v2.0.0"]
    rig.server.put_index(*(offer(rig.server, each) for each in versions))
    key = parse_plugin_key("executor", f"r/p{version}")
    found = await rig.install(key)
    assert found.path.read_bytes() == f"plugin p {installed}\n".encode()
    assert (found.dependencies / "tool").read_bytes() == f"tool of p {installed}\n".encode()
    assert found.path.name == f"executor_{installed}_p"


async def test_latest_stays_what_it_was_until_it_is_updated(rig: Rig) -> None:
    rig.server.put_index(offer(rig.server))
    await rig.install()
    rig.server.put_index(offer(rig.server), offer(rig.server, "v2.0.0"))
    assert (await rig.install()).version == "v1.0.0"
    assert (await rig.install(update=True)).version == "v2.0.0"
    assert (await rig.install()).version == "v2.0.0"
    async with rig.opened() as installer:
        assert (await installer.roll_back(KEY)).path.read_bytes() == b"plugin p v1.0.0\n"
        assert (await installer.install(KEY, rig.told.append)).version == "v1.0.0"
        assert (await installer.roll_back(KEY)).version == "v2.0.0"
        assert (await installer.install(KEY, rig.told.append, update=True)).version == "v2.0.0"


async def test_an_update_asks_for_the_index_of_now_and_several_ask_once(rig: Rig) -> None:
    names = ("p", "q")
    keys = [parse_plugin_key("executor", f"r/{name}") for name in names]
    rig.server.put_index(*(offer(rig.server, name=name) for name in names))
    async with rig.opened() as installer:
        for key in keys:
            await installer.install(key, rig.told.append)
        rig.server.put_index(*(offer(rig.server, "v2.0.0", name) for name in names))
        asked = rig.server.paths.count("/index.yaml")
        async with trio.open_nursery() as nursery:
            for key in keys:
                nursery.start_soon(partial(installer.install, key, rig.told.append, update=True))
    assert [locked.version for locked in rig.lock.plugins.values()] == ["v2.0.0"] * 2
    assert rig.server.paths.count("/index.yaml") == asked + 1


async def test_there_may_be_no_way_back(rig: Rig) -> None:
    rig.server.put_index(offer(rig.server))
    await rig.install()
    async with rig.opened() as installer:
        with pytest.raises(PackageRefused, match="no version of r/p before"):
            await installer.roll_back(KEY)
    rig.server.put_index(offer(rig.server, "v2.0.0"))
    await rig.install(update=True)
    locked = rig.lock.get(KEY)
    assert locked is not None
    assert locked.previous is not None
    object_path(rig.root, locked.previous.platforms[rig.shelf.platform].plugin.sha256).unlink()
    async with rig.opened() as installer:
        with pytest.raises(PackageRefused, match="cannot be read"):
            await installer.roll_back(KEY)
    assert rig.lock.get(KEY) == locked


async def test_another_machine_gets_what_is_locked_without_the_index(
    rig: Rig, tmp_path: Path
) -> None:
    rig.server.put_index(offer(rig.server))
    await rig.install()
    (tmp_path / "other").mkdir()
    other = Rig(tmp_path / "other", rig.server)
    other.settings = replace(
        other.settings, shelf=replace(other.shelf, lock_file=rig.shelf.lock_file)
    )
    rig.server.put_index(offer(rig.server, "v9.0.0"))
    rig.server.asked.clear()
    assert (await other.install()).version == "v1.0.0"
    assert "/index.yaml" not in rig.server.paths


@pytest.mark.hostile("server")
async def test_a_locked_version_that_changed_is_refused_with_both_digests(rig: Rig) -> None:
    rig.server.put_index(offer(rig.server))
    await rig.install()
    old = rig.lock.get(KEY)
    assert old is not None
    rig.server.put_index(offer(rig.server, content=b"other"))
    rig.server.asked.clear()
    with pytest.raises(PackageRefused, match="another file than the one that was locked") as caught:
        await rig.install(update=True)
    before = old.platforms[rig.shelf.platform].plugin.download
    assert f"locked is sha256:{before}" in str(caught.value)
    assert rig.server.paths == ["/index.yaml"]  # not even downloaded
    assert rig.lock.get(KEY) == old
    assert (await rig.install()).version == "v1.0.0"
    for file in rig.shelf.root.glob("objects/sha256/*"):
        file.unlink()
    with pytest.raises(PackageRefused, match=f"wanted is sha256:{before}"):
        await rig.install()


@pytest.mark.hostile("server")
async def test_a_dependency_without_a_digest_is_held_to_the_first_one(rig: Rig) -> None:
    rig.server.put("/p", b"plugin")
    rig.server.put("/tool", b"tool")
    rig.server.put_index(entry("p", "p", dependencies={"tool": {"url": "tool"}}))
    await rig.install()
    rig.server.put("/tool", b"evil")
    with pytest.raises(PackageRefused, match="its dependency tool is another file") as caught:
        await rig.install(update=True)
    assert sha256(b"tool") in str(caught.value)
    assert sha256(b"evil") in str(caught.value)


async def test_a_damaged_file_is_fetched_again(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    rig.server.put_index(offer(rig.server))
    found = await rig.install()
    file = found.path.resolve()
    file.chmod(0o755)
    file.write_bytes(b"evil............"[: file.stat().st_size])
    file.chmod(0o555)
    rig.server.asked.clear()
    assert await rig.install() == found
    assert found.path.read_bytes() == b"plugin p v1.0.0\n"
    assert rig.server.paths == ["/p-v1.0.0.tar.gz"]  # and only that
    assert "is fetched again" in caplog.text


async def test_with_a_damaged_lock_file_nothing_is_said_to_be_fetched(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    rig.server.put_index(offer(rig.server))
    await rig.install()
    rig.shelf.lock_file.write_text("{")
    with pytest.raises(PackageRefused, match="restore it, or remove it to choose versions anew"):
        await rig.install()
    assert "is fetched again" not in caplog.text


async def test_what_two_plugins_need_is_fetched_once(rig: Rig) -> None:
    rig.server.put("/kubectl", b"kubectl")
    rig.server.put("/a", b"a")
    rig.server.put("/b", b"b")
    needs = {"kubectl": {"url": "kubectl"}}
    rig.server.put_index(entry("a", "a", dependencies=needs), entry("b", "b", dependencies=needs))
    async with rig.opened() as installer, trio.open_nursery() as nursery:
        for name in "ab":
            key = parse_plugin_key("executor", f"r/{name}")
            nursery.start_soon(installer.install, key, rig.told.append)
    assert sorted(rig.server.paths) == ["/a", "/b", "/index.yaml", "/kubectl"]
    assert set(rig.lock.plugins) == {"executor r/a", "executor r/b"}


async def test_a_repository_that_is_away_stops_nothing_that_is_there(rig: Rig) -> None:
    rig.server.put_index(offer(rig.server), offer(rig.server, name="q"))
    await rig.install()
    rig.server.pages["/index.yaml"] = always(Answer(status=500))
    assert (await rig.install()).version == "v1.0.0"
    assert (await rig.install(parse_plugin_key("executor", "r/q"))).version == "v1.0.0"
    rig.server.pages.clear()
    with pytest.raises(PackageRefused, match="answered 404"):
        await rig.install(update=True)


async def test_a_mirror_has_index_and_files(rig: Rig) -> None:
    async with served() as mirror:
        mirror.put_index(offer(mirror))
        mirror.pages = {f"/copy{path}": page for path, page in mirror.pages.items()}
        rig.change(access=Access(homes=(rig.home, f"{mirror.url}/copy/index.yaml")))
        rig.server.pages["/index.yaml"] = always(Answer(status=503))
        assert (await rig.install()).version == "v1.0.0"
        assert set(rig.server.paths) == {"/index.yaml"}


@pytest.mark.hostile("archive")
@pytest.mark.parametrize(
    ("path", "content", "words"),
    [
        ("/p.tgz", tar({"sub/plugin": b"x"}, "gz"), "no file that can be a plugin at its top"),
        ("/p.tgz", tar({"../evil": b"x", "plugin": b"y"}, "gz"), "leads out"),
        ("/p", b"", "damaged"),
        ("/p.tgz", b"<html>", "damaged"),
    ],
)
async def test_a_package_that_is_none_names_its_url(
    rig: Rig, path: str, content: bytes, words: str
) -> None:
    rig.server.put(path, content)
    rig.server.put_index(entry("p", path))
    with pytest.raises(PackageRefused, match=words) as caught:
        await rig.install()
    assert f"{rig.server.url}/p" in str(caught.value)
    assert rig.files() == {}
    assert rig.lock.plugins == {}


async def test_a_file_deep_in_an_archive(rig: Rig) -> None:
    rig.server.put("/gh.tgz", tar({"gh_1/bin/gh": b"gh", "gh_1/x": b"x"}, "gz"))
    rig.server.put("/p.zip", zipped({"sub/plugin": b"plugin"}))
    gh = {"url": f"{rig.server.url}/gh.tgz//gh_1/bin"}
    rig.server.put_index(entry("p", f"{rig.server.url}/p.zip//sub", dependencies={"gh": gh}))
    found = await rig.install()
    assert found.path.read_bytes() == b"plugin"
    assert (found.dependencies / "gh").read_bytes() == b"gh"
    locked = rig.lock.get(KEY)
    assert locked is not None
    assert locked.platforms[rig.shelf.platform].dependencies["gh"].folder == "gh_1/bin"


async def test_an_archive_may_be_the_plugin_itself(rig: Rig) -> None:
    data = zipped({"__main__.py": b"print()"})
    rig.server.put("/p.zip", data)
    rig.server.put_index(entry("p", "p.zip?archive=false", checksum=sha256(data)))
    assert (await rig.install()).path.read_bytes() == data


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("other/p", r"there is no repository other: set plugins\.repositories\.other\.url"),
        ("r/none", "has no executor none; its executors are p"),
        ("r/p@v9", r"of version v9; there is v1\.0\.0; write r/p@v1\.0\.0"),
        ("r/..", "cannot be a file's name"),
        ("r/a/b", "cannot be a file's name"),
    ],
)
async def test_what_cannot_be_installed_says_why(rig: Rig, key: str, words: str) -> None:
    rig.server.put_index(offer(rig.server))
    with pytest.raises(PackageRefused, match=words):
        await rig.install(parse_plugin_key("executor", key))
    assert rig.files() == {}


async def test_one_bad_entry_does_not_stop_another(rig: Rig) -> None:
    rig.server.put_index({"name": "../evil", "type": "executor"}, offer(rig.server))
    assert (await rig.install()).version == "v1.0.0"


async def test_everything_failed_in_one_sentence(rig: Rig) -> None:
    rig.server.put_index(offer(rig.server))
    rig.server.pages["/tool-p-v1.0.0"] = always(Answer(status=503))
    rig.server.pages["/p-v1.0.0.tar.gz"] = always(Answer(status=404))
    with pytest.raises(PackageFailed) as caught:
        await rig.install()
    assert "answered 503" in str(caught.value)
    assert "answered 404" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert rig.lock.plugins == {}
    rig.server.put_index(offer(rig.server))
    rig.server.asked.clear()
    assert (await rig.install()).version == "v1.0.0"


async def test_cancelled_it_goes_on_where_it_was(rig: Rig) -> None:
    big = os.urandom(300_000)
    rig.server.put("/p", big)
    slow = always(Answer(body=big, headers={"ETag": '"1"'}, stop=200_000))
    rig.server.pages["/p"] = in_turn(slow, static(big, tag='"1"'))
    rig.server.put_index(entry("p", "p", checksum=sha256(big)))
    with trio.CancelScope() as scope:

        def enough(progress: Progress) -> None:
            if progress.done >= 200_000:
                scope.cancel()

        async with rig.opened() as installer:
            await installer.install(KEY, enough)
    assert scope.cancelled_caught
    assert rig.lock.plugins == {}
    assert (await rig.install()).path.read_bytes() == big
    assert rig.server.asked[-1].headers["range"] == "bytes=200000-"


async def test_removed_it_is_gone_and_so_are_its_files(rig: Rig) -> None:
    rig.server.put_index(offer(rig.server), offer(rig.server, name="q"))
    await rig.install()
    kept = await rig.install(parse_plugin_key("executor", "r/q"))
    async with rig.opened() as installer:
        assert await installer.remove(KEY)
        assert not await installer.remove(KEY)
    collect(rig.root, rig.lock, 0)
    assert set(rig.lock.plugins) == {"executor r/q"}
    assert not any("executor_v1.0.0_p" in name for name in rig.files())
    assert kept.path.read_bytes() == b"plugin q v1.0.0\n"
    assert len(list(rig.root.glob("objects/sha256/*"))) == 2


async def test_a_read_only_lock_file_is_used_and_never_passed_by(rig: Rig) -> None:
    rig.server.put_index(offer(rig.server), offer(rig.server, "v2.0.0"))
    await rig.install(parse_plugin_key("executor", "r/p@v1.0.0"))
    text = rig.shelf.lock_file.read_text()
    folder = rig.shelf.lock_file.parent
    rig.shelf.lock_file.unlink()
    folder.rmdir()
    folder.write_text("")  # no folder: nothing can be written there
    with pytest.raises((PackageFailed, PackageRefused), match=r"plugins\.lock"):
        await rig.install(parse_plugin_key("executor", "r/p"))
    folder.unlink()
    folder.mkdir()
    rig.shelf.lock_file.write_text(text)
    assert (await rig.install(parse_plugin_key("executor", "r/p@v1.0.0"))).version == "v1.0.0"


@pytest.mark.hostile("signature")
async def test_a_signed_index_covers_everything_that_is_executed(rig: Rig) -> None:
    rig.server.put("/p", b"plugin")
    rig.server.put("/tool", b"tool")
    bare = entry("p", "p", checksum=sha256(b"plugin"), dependencies={"tool": {"url": "tool"}})
    sign(rig, bare)
    rig.change(public_key=SIGNER.public_key, policy="require")
    with pytest.raises(PackageRefused, match="no SHA-256 for its dependency tool"):
        await rig.install()
    assert "/tool" not in rig.server.paths
    tool = {"url": "tool", "checksum": sha256(b"tool")}
    sign(rig, entry("p", "p", checksum=sha256(b"plugin"), dependencies={"tool": tool}))
    found = await rig.install()
    locked = rig.lock.get(KEY)
    assert locked is not None
    assert locked.signed_by == SIGNER.public_key
    rig.server.asked.clear()
    assert await rig.install() == found
    assert rig.server.asked == []


@pytest.mark.hostile("signature")
async def test_what_was_installed_unsigned_is_proven_before_it_counts(rig: Rig) -> None:
    rig.server.put_index(offer(rig.server))
    await rig.install()
    rig.change(public_key=SIGNER.public_key, policy="require")
    with pytest.raises(PackageRefused, match="is not signed; nothing of it is installed"):
        await rig.install()
    sign(rig, offer(rig.server))
    rig.server.asked.clear()
    assert (await rig.install()).version == "v1.0.0"
    locked = rig.lock.get(KEY)
    assert locked is not None
    assert locked.signed_by == SIGNER.public_key


async def test_another_key_starts_anew(rig: Rig) -> None:
    sign(rig, offer(rig.server))
    rig.change(public_key=SIGNER.public_key, policy="require")
    await rig.install()
    rig.change(public_key=Signer().public_key)
    with pytest.raises(PackageRefused, match="incompatible key"):
        await rig.install()


async def test_the_one_who_waits_finds_it_installed(rig: Rig) -> None:
    rig.server.put_index(offer(rig.server))
    waited: list[str] = []

    def tell(progress: Progress) -> None:
        if progress.stage == "waiting":
            waited.append(progress.text)

    async with rig.opened() as one, rig.opened() as other, trio.open_nursery() as nursery:
        nursery.start_soon(one.install, KEY, tell)
        nursery.start_soon(other.install, KEY, tell)
    assert [f"another installer (pid {os.getpid()}) is at work" in text for text in waited] == [
        True
    ]
    assert sorted(rig.server.paths) == ["/index.yaml", "/p-v1.0.0.tar.gz", "/tool-p-v1.0.0"]


def sign(rig: Rig, *entries: dict[str, object]) -> None:
    rig.server.put_index(*entries)
    rig.server.put("/index.yaml.minisig", SIGNER.sign(index_of(*entries)))
