"""Bundles are whole or not there, the same bytes each time, for any platform, of what is locked."""

from pathlib import Path

import pytest
import trio
from msgspec.structs import replace

from botkube.model.plugin import PluginKey, parse_plugin_key
from botkube.packages.bundle.install import opened_bundle
from botkube.packages.bundle.vendor import Order, vendor
from botkube.packages.download.web import Access
from botkube.packages.errors import PackageFailed, PackageRefused
from botkube.packages.index.choose import this_platform
from botkube.packages.progress import Progress
from tests.fakes.bundles import make, read_tar, received
from tests.fakes.installing import KEY, Rig, offer
from tests.fakes.repository import Answer, always, entry, index_of, served, sha256
from tests.fakes.signing import Signer

pytestmark = pytest.mark.real

OTHER = "plan9/mips" if this_platform() != "plan9/mips" else "linux/amd64"


def elsewhere(folder: Path, rig: Rig) -> Rig:
    """Another machine with the same configuration, and no server."""
    folder.mkdir()
    other = Rig(folder, rig.server)
    other.change(access=Access(homes=(rig.home,)))
    return other


async def test_as_a_folder_and_as_a_file_to_another_machine(tmp_path: Path) -> None:
    async with served() as server:
        archive = offer(server)
        server.put_index(archive)
        rig = Rig(tmp_path, server)
        with trio.fail_after(100):
            made = await make(rig, tmp_path / "bundle.tar")
            again = await make(rig, tmp_path / "again.tar")
            await make(rig, tmp_path / "folder")
    assert made == again
    assert (made.versions, made.files) == ({KEY: "v1.0.0"}, 2)
    assert (tmp_path / "bundle.tar").read_bytes() == (tmp_path / "again.tar").read_bytes()
    files = read_tar(tmp_path / "bundle.tar")
    assert list(files)[:3] == ["bundle.json", "indexes/r.yaml", "plugins.lock"]
    assert files["indexes/r.yaml"] == index_of(archive)
    for name, body in files.items():
        assert not name.startswith("files/") or name == f"files/{sha256(body)}"
        assert (tmp_path / "folder" / name).read_bytes() == body
    for number, source in enumerate(("bundle.tar", "folder")):  # the server is gone
        other = elsewhere(tmp_path / f"other{number}", rig)
        with trio.fail_after(100):
            installed = await received(other, tmp_path / source)
        assert installed.path.read_text() == "plugin p v1.0.0\n"
        assert (installed.dependencies / "tool").read_text() == "tool of p v1.0.0\n"
        assert other.shelf.locate(KEY) == installed
        locked = other.lock.get(KEY)
        assert locked is not None
        assert (locked.version, locked.index) == ("v1.0.0", rig.home)
        assert list((other.root / "downloads").iterdir()) == []
        assert (other.root / "r.yaml").read_bytes() == index_of(archive)  # for searches
    assert rig.lock.plugins == {}  # making one installs nothing
    assert {p.name for p in tmp_path.iterdir() if p.name.startswith(".")} == set()


async def test_for_several_platforms_each_gets_its_own(tmp_path: Path) -> None:
    async with served() as server:
        mine, theirs = offer(server), server.put("/theirs", b"for another machine\n")
        system, _, machine = OTHER.partition("/")
        platform = {"os": system, "architecture": machine}
        urls = mine["urls"]
        assert isinstance(urls, list)
        urls.append({"url": theirs, "checksum": "", "platform": platform})
        server.put_index(mine)
        rig = Rig(tmp_path, server)
        with trio.fail_after(100):
            await make(rig, tmp_path / "b.tar", platforms=(this_platform(), OTHER))
            with pytest.raises(PackageRefused, match="not for next/68k"):
                await make(rig, tmp_path / "c.tar", platforms=("next/68k",))
    assert not (tmp_path / "c.tar").exists()
    for number, (name, text) in enumerate(
        ((this_platform(), "plugin p v1.0.0\n"), (OTHER, "for another machine\n"))
    ):
        other = elsewhere(tmp_path / f"other{number}", rig)
        other.settings = replace(other.settings, shelf=replace(other.shelf, platform=name))
        with trio.fail_after(100):
            assert (await received(other, tmp_path / "b.tar")).path.read_text() == text
    third = elsewhere(tmp_path / "third", rig)
    third.settings = replace(third.settings, shelf=replace(third.shelf, platform="next/68k"))
    with pytest.raises(PackageRefused, match="make it with --platform next/68k"):
        await received(third, tmp_path / "b.tar")


async def test_what_is_locked_is_taken_and_must_be_the_same(tmp_path: Path) -> None:
    async with served() as server:
        first = offer(server)
        server.put_index(first)
        rig = Rig(tmp_path, server)
        with trio.fail_after(100):
            await rig.install()
            server.put_index(first, offer(server, "v2.0.0"))
            assert (await make(rig, tmp_path / "1.tar")).versions == {KEY: "v1.0.0"}
            server.put_index(offer(server, "v2.0.0"))
            with pytest.raises(PackageRefused, match=r"no executor p of version v1\.0\.0"):
                await make(rig, tmp_path / "2.tar")
            server.put_index(offer(server, content=b"another plugin"))
            with pytest.raises(PackageRefused, match=r"locked is sha256:.*found sha256:"):
                await make(rig, tmp_path / "3.tar")
    assert {p.name for p in tmp_path.iterdir()} == {"1.tar", "root", "state"}


async def test_a_plugin_that_cannot_be_had_leaves_no_bundle(tmp_path: Path) -> None:
    missing = parse_plugin_key("executor", "r/q")
    async with served() as server:
        server.put_index(offer(server), entry("q", "nowhere"))
        rig = Rig(tmp_path, server)
        (tmp_path / "full").mkdir()
        (tmp_path / "full" / "mine").touch()
        with trio.fail_after(100):
            with pytest.raises(PackageRefused, match="/nowhere answered 404"):
                await make(rig, tmp_path / "b", (KEY, missing))
            with pytest.raises(PackageRefused, match="there is no repository s"):
                await make(rig, tmp_path / "b", (parse_plugin_key("source", "s/x"),))
            with pytest.raises(PackageRefused, match="is there already"):
                await make(rig, tmp_path / "full")
            with pytest.raises(PackageFailed, match="cannot be written"):
                await make(rig, tmp_path / "full" / "mine" / "b.tar")
    assert {p.name for p in tmp_path.iterdir()} == {"root", "full"}


async def test_one_that_is_given_up_leaves_nothing(tmp_path: Path) -> None:
    async with served() as server:
        server.put_index(entry("p", "p"))
        server.pages["/p"] = always(Answer(body=bytes(100_000), stop=50_000))
        rig = Rig(tmp_path, server)
        with trio.fail_after(100):
            async with trio.open_nursery() as nursery:

                def tell(_key: PluginKey, _platform: str, progress: Progress) -> None:
                    if progress.stage == "downloading":
                        nursery.cancel_scope.cancel()

                order = Order(keys=(KEY,), platforms=(this_platform(),), target=tmp_path / "b.tar")
                nursery.start_soon(vendor, rig.settings, order, tell)
    assert {p.name for p in tmp_path.iterdir()} == {"root"}


async def test_signatures_go_along_and_are_asked_for_there(tmp_path: Path) -> None:
    signer, stranger = Signer(), Signer()
    async with served() as server:
        content = index_of(offer(server))
        server.put("/index.yaml", content)
        server.put("/index.yaml.minisig", signer.sign(content))
        rig = Rig(tmp_path, server)  # which does not ask for one
        with trio.fail_after(100):
            await make(rig, tmp_path / "b.tar")
    other = elsewhere(tmp_path / "other", rig)
    other.change(public_key=stranger.public_key, policy="require")
    with pytest.raises(PackageRefused, match="is not signed by the key"):
        await received(other, tmp_path / "b.tar")
    other.change(public_key=signer.public_key, policy="require")
    assert (await received(other, tmp_path / "b.tar")).version == "v1.0.0"
    locked = other.lock.get(KEY)
    assert locked is not None
    assert locked.signed_by == signer.public_key
    async with opened_bundle(tmp_path / "b.tar", other.root) as bundle:
        assert bundle.index("r").note.signature == signer.sign(content)


async def test_out_of_an_index_on_disk(tmp_path: Path) -> None:
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    (mirror / "plugin").write_text("from disk\n")
    (mirror / "index.yaml").write_bytes(index_of(entry("p", "plugin")))
    async with served() as server:
        rig = Rig(tmp_path, server)
        rig.change(access=Access(homes=((mirror / "index.yaml").as_uri(),)))
        with trio.fail_after(100):
            assert (await rig.install()).path.read_text() == "from disk\n"
            await make(rig, tmp_path / "b.tar")
            other = elsewhere(tmp_path / "other", rig)
            assert (await received(other, tmp_path / "b.tar")).path.read_text() == "from disk\n"
        assert server.asked == []
