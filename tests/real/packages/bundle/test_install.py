"""Bundles of enemies, and damaged ones: one clear error each, nothing installed that is not proven as from a server."""

import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import msgspec
import pytest
import trio
import trio.testing
from msgspec.structs import replace

from botkube.model.plugin import parse_plugin_key
from botkube.packages.bundle.folder import LOCK, MANIFEST, Manifest
from botkube.packages.bundle.install import opened_bundle
from botkube.packages.cache.lockfile import Lock, LockedFile
from botkube.packages.cache.shelf import Installed
from botkube.packages.errors import PackageRefused
from tests.fakes.archives import info
from tests.fakes.bundles import make, read_tar, receive, received, relist, swap, write_tar
from tests.fakes.installing import KEY, Rig, offer
from tests.fakes.repository import Repository, entry, index_of, served, sha256
from tests.fakes.signing import Signer

pytestmark = pytest.mark.real

Files = dict[str, bytes]
NAME = "executor r/p"


class Case:
    """A bundle as it was made, and the machine that is to get it."""

    def __init__(self, files: Files, rig: Rig, folder: Path) -> None:
        self.files = files
        self.rig = rig
        self.folder = folder

    @property
    def lock(self) -> Lock:
        """The bundle's lock."""
        return msgspec.json.decode(self.files[LOCK], type=Lock)

    def tar(self, files: Files) -> Path:
        """The bundle with other files."""
        return write_tar(self.folder / "changed.tar", files)


class Making(Protocol):
    """Makes a bundle."""

    async def __call__(
        self, signer: Signer | None = None, *, checksums: bool = True, at: int = 1
    ) -> Case:
        """Make it."""
        ...


@pytest.fixture
def making(tmp_path: Path) -> Making:
    async def made(signer: Signer | None = None, *, checksums: bool = True, at: int = 1) -> Case:
        async with served() as server:
            content = index_of(offer(server) if checksums else bare(server))
            server.put("/index.yaml", content)
            if signer is not None:
                server.put("/index.yaml.minisig", signer.sign(content, at))
            for name in ("here", "there"):
                (tmp_path / name).mkdir(exist_ok=True)
            with trio.fail_after(100):
                await make(Rig(tmp_path / "here", server), tmp_path / "made.tar")
            rig = Rig(tmp_path / "there", server)
        return Case(read_tar(tmp_path / "made.tar"), rig, tmp_path)

    return made


_USUAL: list[Case] = []


async def usual(making: Making, folder: Path) -> Case:
    """A bundle that was made once for all tests, for a machine of this test's own."""
    if not _USUAL:
        _USUAL.append(await making())
    made = _USUAL[0]
    (folder / "mine").mkdir()
    return Case(made.files, Rig(folder / "mine", made.rig.server), folder)


def bare(server: Repository) -> dict[str, object]:
    """An entry without a checksum."""
    server.put("/plain", b"plain plugin\n")
    return entry("p", "plain")


def manifest_of(files: Files) -> Manifest:
    return msgspec.json.decode(files[MANIFEST], type=Manifest)


def with_manifest(files: Files, manifest: Manifest) -> Files:
    return {**files, MANIFEST: msgspec.json.encode(manifest)}


def with_digest(files: Files, digest: str) -> Files:
    manifest = manifest_of(files)
    url, content = next(iter(manifest.files.items()))
    every = {**manifest.files, url: replace(content, sha256=digest)}
    return with_manifest(files, replace(manifest, files=every))


def with_file(files: Files, **changes: object) -> Files:
    """Say something else of the plugin's file in the lock."""
    lock = msgspec.json.decode(files[LOCK], type=Lock)
    locked = lock.plugins[NAME]
    platforms = {
        name: replace(found, plugin=changed(found.plugin, **changes))
        for name, found in locked.platforms.items()
    }
    return relist(files, Lock(plugins={NAME: replace(locked, platforms=platforms)}))


def changed(file: LockedFile, **changes: object) -> LockedFile:
    return replace(file, **changes)


def with_version(files: Files, version: str) -> Files:
    lock = msgspec.json.decode(files[LOCK], type=Lock)
    return relist(files, Lock(plugins={NAME: replace(lock.plugins[NAME], version=version)}))


def with_origin(files: Files, url: str) -> Files:
    manifest = manifest_of(files)
    origin = replace(manifest.indexes["r"], url=url)
    return with_manifest(files, replace(manifest, indexes={"r": origin}))


def the_archive(files: Files) -> str:
    return next(url for url in manifest_of(files).files if url.endswith(".tar.gz"))


def deep() -> bytes:
    """A lock in which each version had another one before it."""
    entry = b'{"version": "v1", "index": "x", "platforms": {}, "previous": '
    return b'{"plugins": {"executor r/p": ' + entry * 100_000


def without(files: Files, start: str) -> Files:
    return {name: content for name, content in files.items() if not name.startswith(start)}


def flipped(files: Files, start: str) -> Files:
    return {n: c[:-1] + bytes([c[-1] ^ 1]) if n.startswith(start) else c for n, c in files.items()}


REFUSED: dict[str, tuple[Callable[[Files], Files], str]] = {
    "manifest: no JSON": (lambda f: {**f, MANIFEST: b"{"}, "bundle.json is damaged"),
    "manifest: no text": (lambda f: {**f, MANIFEST: b'{"\xff":1}'}, "bundle.json is damaged"),
    "manifest: of tomorrow": (
        lambda f: with_manifest(f, replace(manifest_of(f), format=2)),
        "bundle.json was written by a newer version",
    ),
    "manifest: a path for a digest": (
        lambda f: with_digest(f, "../../../../etc/passwd"),
        "which is no SHA-256",
    ),
    "manifest: huge": (lambda f: {**f, MANIFEST: b" " * (17 << 20)}, "larger than 16 MiB"),
    "lock: not there": (lambda f: without(f, LOCK), r"plugins\.lock: No such file"),
    "lock: no JSON": (lambda f: {**f, LOCK: b"[]"}, "plugins.lock is damaged"),
    "lock: without an end": (lambda f: {**f, LOCK: deep()}, "plugins.lock is damaged"),
    "lock: another one": (lambda f: {**f, LOCK: f[LOCK] + b" "}, "plugins.lock is not what"),
    "lock: of tomorrow": (
        lambda f: relist(f, Lock(format=2)),
        "plugins.lock was written by a newer version",
    ),
    "lock: empty": (lambda f: relist(f, Lock()), "the bundle has no executor r/p; it has nothing"),
    "lock: a path for a digest": (
        lambda f: with_file(f, sha256="../../x"),
        "which is no SHA-256",
    ),
    "lock: a path for a download": (
        lambda f: with_file(f, download="/etc/passwd"),
        "which is no SHA-256",
    ),
    "lock: a path for a version": (lambda f: with_version(f, "../../../x"), "of version"),
    "lock: a version that is not offered": (lambda f: with_version(f, "v9"), "of version v9"),
    "lock: any version": (lambda f: with_version(f, "latest"), "does not agree"),
    "lock: a range": (lambda f: with_version(f, "^1"), "does not agree"),
    "lock: another URL": (lambda f: with_file(f, url="https://evil.test/p"), "does not agree"),
    "lock: another form": (lambda f: with_file(f, form="zip"), "does not agree"),
    "lock: another folder": (lambda f: with_file(f, folder="../.."), "does not agree"),
    "lock: another executable": (
        lambda f: with_file(f, sha256="b" * 64),
        r"locked is sha256:b{64}, found sha256:",
    ),
    "lock: another archive": (lambda f: with_file(f, download="b" * 64), "does not agree"),
    "index: not there": (lambda f: without(f, "indexes/"), r"indexes/r\.yaml: No such file"),
    "index: not listed": (
        lambda f: with_manifest(f, replace(manifest_of(f), indexes={})),
        "no index of the repository r",
    ),
    "index: changed": (lambda f: flipped(f, "indexes/"), r"indexes/r\.yaml is not what"),
    "index: no YAML": (lambda f: relist({**f, "indexes/r.yaml": b"a: ["}), "is no index"),
    "index: of nothing": (
        lambda f: relist({**f, "indexes/r.yaml": b"entries: []"}),
        "no executor p",
    ),
    "index: from nowhere": (lambda f: with_origin(f, "ftp://x/i"), "is not supported"),
    "index: from elsewhere": (lambda f: with_origin(f, "https://evil.test/i"), "not in the bundle"),
    "files: none": (lambda f: without(f, "files/"), "the bundle lacks files/"),
    "files: not listed": (
        lambda f: with_manifest(f, replace(manifest_of(f), files={})),
        "is not in the bundle",
    ),
    "files: changed": (lambda f: flipped(f, "files/"), "is not what the bundle was made with"),
    "files: longer": (
        lambda f: {n: c + b"x" if n.startswith("files/") else c for n, c in f.items()},
        "is not what the bundle was made with",
    ),
    "files: swapped, lock and manifest too": (
        lambda f: swap(f, the_archive(f), b"evil"),
        r"has sha256:.*, wanted is sha256:",
    ),
}


@pytest.mark.hostile("bundle")
@pytest.mark.parametrize(("change", "words"), REFUSED.values(), ids=REFUSED)
async def test_what_was_changed_is_refused(
    making: Making, tmp_path: Path, change: Callable[[Files], Files], words: str
) -> None:
    case = await usual(making, tmp_path)
    with trio.fail_after(100), pytest.raises(PackageRefused, match=words):
        await received(case.rig, case.tar(change(case.files)))
    assert case.rig.lock.plugins == {}
    assert [name for name in case.rig.files() if name.startswith("r/")] == []
    assert list((case.rig.root / "downloads").iterdir()) == []


@pytest.mark.hostile("bundle")
async def test_of_a_folder_no_link_and_nothing_that_waits_is_read(making: Making) -> None:
    case = await making()
    name = next(name for name in case.files if name.startswith("files/"))
    changes: dict[str, Callable[[Path], None]] = {
        name: lambda path: path.symlink_to("/dev/zero"),
        LOCK: lambda path: path.symlink_to("/etc/passwd"),
        MANIFEST: os.mkfifo,
        "indexes/r.yaml": os.mkdir,
    }
    for number, (place, change) in enumerate(changes.items()):
        folder = case.folder / f"folder{number}"
        for each, content in case.files.items():
            (folder / each).parent.mkdir(parents=True, exist_ok=True)
            (folder / each).write_bytes(content)
        (folder / place).unlink()
        change(folder / place)
        with trio.fail_after(100), pytest.raises(PackageRefused):
            await received(case.rig, folder)
    with pytest.raises(PackageRefused, match="there is no bundle"):
        await received(case.rig, case.folder / "nowhere.tar")
    assert case.rig.lock.plugins == {}


@pytest.mark.hostile("bundle")
async def test_the_policy_of_the_receiver_holds(making: Making) -> None:
    signer, stranger = Signer(), Signer()
    case = await making(signer)
    evil = relist({**case.files, "indexes/r.yaml": case.files["indexes/r.yaml"] + b"# more\n"})
    forged = {**evil, "indexes/r.yaml.minisig": stranger.sign(evil["indexes/r.yaml"])}
    unsigned = without(case.files, "indexes/r.yaml.minisig")
    for files in (evil, forged, unsigned, {**case.files, "indexes/r.yaml.minisig": b"junk"}):
        case.rig.change(public_key=signer.public_key, policy="require")
        with pytest.raises(PackageRefused, match=r"signed.*nothing of it is installed"):
            await received(case.rig, case.tar(files))
        assert case.rig.lock.plugins == {}
    for files in (forged, unsigned):
        case.rig.change(policy="warn")
        await received(case.rig, case.tar(files))
        locked = case.rig.lock.get(KEY)
        assert locked is not None
        assert locked.signed_by == ""
    assert case.rig.shelf.locate(KEY) is not None
    case.rig.change(policy="require")
    assert case.rig.shelf.locate(KEY) is None  # nobody proved it
    await received(case.rig, case.tar(case.files))
    assert case.rig.shelf.locate(KEY) is not None


@pytest.mark.hostile("bundle")
async def test_an_older_signature_may_be_a_replay(making: Making) -> None:
    signer = Signer()
    new, old = await making(signer, at=2000), await making(signer, at=1000)
    rig = new.rig
    for policy in ("require", "warn", "off"):
        rig.change(public_key=signer.public_key, policy=policy)
        await received(rig, new.tar(new.files))
        if policy == "require":
            with pytest.raises(PackageRefused, match="older than the one that was seen before"):
                await received(rig, old.tar(old.files))
        else:
            await received(rig, old.tar(old.files))


@pytest.mark.hostile("bundle")
async def test_a_signature_covers_what_has_a_checksum(making: Making) -> None:
    signer = Signer()
    case = await making(signer, checksums=False)
    case.rig.change(public_key=signer.public_key, policy="require")
    with pytest.raises(PackageRefused, match="its signature does not cover it"):
        await received(case.rig, case.tar(case.files))
    case.rig.change(policy="off")
    found = await received(case.rig, case.tar(case.files))
    assert found.path.read_text() == "plain plugin\n"


@pytest.mark.hostile("bundle")
async def test_another_file_under_a_locked_version_is_refused(making: Making) -> None:
    case = await making(checksums=False)
    await received(case.rig, case.tar(case.files))
    url = next(iter(manifest_of(case.files).files))
    content = b"other plugin\n"
    other = with_file(swap(case.files, url, content), sha256=sha256(content))
    with pytest.raises(PackageRefused, match=r"locked is sha256:.*found sha256:"):
        await received(case.rig, case.tar(other))
    assert (await received(case.rig, case.tar(case.files))).path.read_text() == "plain plugin\n"


async def test_keys_mean_what_is_there(making: Making) -> None:
    case = await making()
    texts = ("r/p", "r/p@v1.0.0", "r/p@^1", "r/p@1.0", "r/p@^2", "r/q", "s/p")
    keys = [parse_plugin_key("executor", text) for text in texts]
    found = await receive(case.rig, case.tar(case.files), *keys, parse_plugin_key("source", "r/p"))
    good = [str(key) for key, result in found.items() if isinstance(result, Installed)]
    assert good == ["r/p", "r/p@v1.0.0", "r/p@^1"]
    words = [str(result) for result in found.values() if not isinstance(result, Installed)]
    assert words[1] == "the bundle has no executor r/p@^2; it has version v1.0.0"
    assert words[2] == "the bundle has no executor r/q; it has executor r/p"
    assert words[3].startswith("there is no repository s: set plugins.repositories.s.url")
    assert words[4] == "the bundle has no source r/p; it has executor r/p"


@pytest.mark.hostile("bundle")
async def test_a_link_in_a_tar_is_refused(making: Making) -> None:
    case = await making()
    link = info("indexes/s.yaml", b"2", target="/etc/passwd")
    source = write_tar(case.folder / "link.tar", case.files, (link, b""))
    with pytest.raises(PackageRefused, match="a link that has no place"):
        await received(case.rig, source)


async def test_a_cleaning_that_does_not_end_is_left_to_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, autojump_clock: trio.testing.MockClock
) -> None:
    go_on, ended = threading.Event(), list[bool]()

    def slow(*_: object, **__: object) -> None:  # a file system that is away
        ended.append(go_on.wait(10))

    monkeypatch.setattr(shutil, "rmtree", slow)
    (tmp_path / "b.tar").write_bytes(b"x")
    with pytest.raises(PackageRefused):
        async with opened_bundle(tmp_path / "b.tar", tmp_path):
            pytest.fail("a bundle")
    assert (trio.current_time(), ended) == (60, [])
    go_on.set()
