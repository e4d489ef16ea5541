"""What `verify` finds; damaged files are tried with the command itself."""

import hashlib
from pathlib import Path

from msgspec.structs import replace

from botkube.model.plugin import parse_plugin_key
from botkube.packages.cache.lockfile import (
    Lock,
    Locked,
    LockedFile,
    LockedFiles,
    read_lock,
    write_lock,
)
from botkube.packages.cache.objects import activate, add_object, downloads
from botkube.packages.cache.shelf import Shelf
from botkube.packages.download.source import Repository
from botkube.packages.download.web import Access
from botkube.packages.index.cache import Note, keep_index
from botkube.packages.index.choose import this_platform
from botkube.packages.verify import Verdict, verify_plugin
from tests.fakes.signing import Signer

KEY = parse_plugin_key("executor", "r/p")


def installed(folder: Path) -> Shelf:
    root = folder / "root"
    root.mkdir()
    shelf = Shelf(root=root, lock_file=folder / "plugins.lock", platform=this_platform())
    fresh = downloads(root) / "x.new"
    fresh.write_bytes(b"plugin")
    sha256, size = add_object(root, fresh)
    files = LockedFiles(plugin=LockedFile(url="u", download="d", sha256=sha256, size=size))
    locked = Locked(version="v1", index="i", signed_by="k", platforms={shelf.platform: files})
    write_lock(shelf.lock_file, Lock().put(KEY, locked))
    activate(root, KEY, "v1", files)
    return shelf


def test_everything_that_can_be_wrong(tmp_path: Path) -> None:
    shelf = installed(tmp_path)
    good = verify_plugin(shelf, KEY)
    assert (good.good, good.version, good.signed) == (True, "v1", False)
    assert good.text.endswith(": as locked")

    def said(shelf: Shelf, key: str = "r/p") -> str:
        verdict = verify_plugin(shelf, parse_plugin_key("executor", key))
        assert not verdict.good
        return verdict.text

    assert "is not installed" in said(shelf, "r/other")
    assert "other platforms only" in said(replace(shelf, platform="plan9/mips"))
    assert "signature.publicKey" in said(replace(shelf, required={"r": "another"}))
    link = shelf.root / "r" / "executor_v1_p"
    link.unlink()
    assert f"{link} is not linked" in said(shelf)
    link.write_bytes(b"plugin")
    assert f"{link} is a copy" in said(shelf)
    link.write_bytes(b"another")
    assert f"the content of {link} is not what is locked" in said(shelf)
    for content in (b"plugin", b"another"):
        assert hashlib.sha256(content).hexdigest() in said(shelf)
    next((shelf.root / "objects" / "sha256").iterdir()).unlink()
    assert "cannot be read" in said(shelf)


def test_the_signature_of_the_index(tmp_path: Path) -> None:
    shelf, signer, other = installed(tmp_path), Signer(), Signer()
    repository = Repository(
        name="r", access=Access(homes=()), public_key=signer.public_key, policy="require"
    )

    def verdict(policy: str, signature: bytes, signed_by: str = signer.public_key) -> Verdict:
        lock = read_lock(shelf.lock_file)
        if locked := lock.get(KEY):
            write_lock(shelf.lock_file, lock.put(KEY, replace(locked, signed_by=signed_by)))
        keep_index(shelf.root, "r", b"entries:", Note(url="http://x/i", signature=signature))
        return verify_plugin(shelf, KEY, {"r": replace(repository, policy=policy)})

    signature = signer.sign(b"entries:")
    good = verdict("require", signature)
    assert (good.good, good.signed, good.warning) == (True, True, "")
    assert good.text.endswith("its index is signed")
    bad = verdict("require", signer.sign(b"another"))
    assert (bad.good, "the index of r is not signed" in bad.text) == (False, True)
    # That the index of today is signed proves nothing of what was locked before.
    foreign = verdict("require", signature, other.public_key)
    assert not foreign.good
    assert f"is signed by {other.public_key}" in foreign.text
    assert f"signature.publicKey is {signer.public_key}" in foreign.text
    unsigned = verdict("require", signature, "")
    assert (unsigned.good, "is not signed" in unsigned.text) == (False, True)
    assert signer.public_key in unsigned.text
    warned = verdict("warn", signature, other.public_key)
    assert (warned.good, warned.signed) == (True, False)
    assert f"is signed by {other.public_key}" in warned.warning
    assert "is not signed" in verdict("warn", b"").warning
    off = verdict("off", signature, other.public_key)
    assert (off.good, off.signed, off.warning) == (True, False, "")
