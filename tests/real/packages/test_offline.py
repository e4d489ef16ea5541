"""Vendored on one machine, carried to one without a network, installed and run there: by the program's own commands."""

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
import trio

from botkube.packages.index.choose import this_platform
from tests.fakes.archives import tar
from tests.fakes.authority import Authority
from tests.fakes.authors import EXECUTOR
from tests.fakes.managing import Manager
from tests.fakes.repository import Repository, entry, index_of, served, sha256
from tests.fakes.signing import Signer

pytestmark = [pytest.mark.real, pytest.mark.slow]

SAMPLE = f"#!{sys.executable} -P\n{EXECUTOR.replace('STREAMS', 'False')}".encode()
ALONE = ("unshare", "--net")


@pytest.fixture(scope="module")
def alone() -> tuple[str, ...]:
    """What starts a program without a network."""
    tried = subprocess.run(
        [*ALONE, "true"], capture_output=True, text=True, check=False, timeout=60
    )
    if tried.returncode:
        pytest.skip(f"needs `unshare --net`, as root: {tried.stderr.strip()}")
    return ALONE


def publish(server: Repository, *, name: str = "p") -> Mapping[str, object]:
    """A plugin that runs, in an archive, with a dependency."""
    archive = tar({"README.md": b"x", f"executor_{name}": SAMPLE}, "gz")
    url, tool = server.put(f"/{name}.tar.gz", archive), server.put("/tool", b"#!/bin/sh\n")
    needs = {"tool": {"url": tool, "checksum": sha256(b"#!/bin/sh\n")}}
    return entry(name, url, version="v1.2.3", checksum=sha256(archive), dependencies=needs)


def configure(manager: Manager, ca_file: Path, signer: Signer) -> None:
    """Say whom to trust."""
    signature = f"signature: {{publicKey: '{signer.public_key}'}}"
    trusting = f"index.yaml, caFile: {ca_file}, {signature}"
    manager.config.write_text(manager.config.read_text().replace("index.yaml", trusting, 1))


async def test_from_a_server_of_ones_own_to_a_machine_without_a_network(
    tmp_path: Path, alone: tuple[str, ...]
) -> None:
    authority, signer = Authority(tmp_path), Signer()
    here, there = tmp_path / "here", tmp_path / "there"
    for folder in (here, there):
        folder.mkdir()
    async with served(context=authority.server()) as server:
        content = index_of(publish(server), publish(server, name="q"))
        server.put("/index.yaml", content)
        server.put("/index.yaml.minisig", signer.sign(content))
        online, offline = Manager(here, server), Manager(there, server)
        refused = await online(f"vendor -o {here / 'b.tar'}")
        assert (refused.returncode, "set caFile of the repository" in refused.stderr) == (1, True)
        configure(online, authority.ca_file, signer)
        configure(offline, Path("/nowhere.pem"), signer)  # it is not even looked at
        made = await online(f"vendor -o {here / 'b.tar'} --output json")
        assert made.returncode == 0, made.stderr
        found = json.loads(made.stdout)
        assert found["plugins"] == {"executor r/p": "v1.2.3", "executor r/q@^1": "v1.2.3"}
        assert (found["platforms"], found["files"]) == ([this_platform()], 3)
        assert "executor r/p: downloading" in made.stderr
        named = await online(f"vendor r/q -o {here / 'folder'}")
        assert named.stdout.splitlines()[0] == "executor r/q@^1: v1.2.3"
        asked = len(server.asked)
        shutil.copy(here / "b.tar", there)

        installed = await offline(f"install --from {there / 'b.tar'}", before=alone)
        assert installed.returncode == 0, installed.stderr
        assert installed.stdout.splitlines() == [
            "executor r/p: v1.2.3 is installed",
            "executor r/q@^1: v1.2.3 is installed",
        ]
        answer = await offline(
            f"run r/p --cache-dir {offline.cache} --state-dir {offline.state} --command",
            "sample refuse not",
            configured=False,
            before=alone,
        )
        assert (answer.returncode, answer.stdout) == (0, "sample refuse not\n"), answer.stderr
        proven = await offline("verify", before=alone)
        assert proven.returncode == 0, proven.stderr
        assert len(server.asked) == asked
        await check_refusals(offline, here, there)


async def check_refusals(offline: Manager, here: Path, there: Path) -> None:
    """What cannot be installed is told in one sentence each, and ends with a code of its own."""
    (there / "junk.tar").write_bytes(b"junk" * 1000)
    other = next((here / "folder" / "files").iterdir())
    other.write_bytes(b"evil")
    bundle = there / "b.tar"
    for text, code, said in (
        (
            f"install --from {there / 'junk.tar'}",
            1,
            "the file is damaged or not what its name says",
        ),
        (f"install r/none --from {bundle}", 1, "the bundle has no executor r/none"),
        (f"install r/q --from {here / 'folder'}", 1, "is not what the bundle was made with"),
        (f"vendor none -o {there / 'c.tar'}", 2, "is not of the form"),
    ):
        done = await offline(text)
        assert done.returncode == code, (text, done)
        assert said in " ".join(done.stderr.split()), (text, done)
        assert "Traceback" not in done.stderr
    assert not (there / "c.tar").exists()


async def test_an_index_on_disk_needs_no_network(tmp_path: Path, alone: tuple[str, ...]) -> None:
    mirror = tmp_path / "a mirror"
    mirror.mkdir()
    server = Repository()
    server.url = mirror.as_uri()
    for name in ("p", "q"):
        (mirror / f"{name}.tar.gz").write_bytes(tar({f"executor_{name}": SAMPLE}, "gz"))
    entries = [entry(name, f"{name}.tar.gz", version="v1.0.0") for name in ("p", "q")]
    (mirror / "index.yaml").write_bytes(index_of(*entries))
    manager = Manager(tmp_path, server)
    with trio.fail_after(100):
        installed = await manager("install", before=alone)
        assert "executor r/p: v1.0.0 is installed" in installed.stdout, installed.stderr
        places = f"--cache-dir {manager.cache} --state-dir {manager.state}"
        asked = await manager(f"run r/p {places} --metadata", configured=False, before=alone)
    assert json.loads(asked.stdout)["version"] == "1.2.3"
