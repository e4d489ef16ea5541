"""A repository of the plugins in Go, its index made by our own tool, as an author would."""

import shutil
from pathlib import Path

from botkube.app.orders.indexing import IndexOrder, build_index
from botkube.packages.index.choose import this_platform
from tests.fakes.gopeers import Peers
from tests.fakes.repository import Repository, sha256
from tests.fakes.signing import Signer

TOOL = b'#!/bin/sh\necho "the tool was given $*"\n'
PLATFORM = this_platform().replace("/", "_")
PLACE = "https://example.test"  # where the peer says that its dependency is


async def publish(server: Repository, peers: Peers, folder: Path) -> bytes:
    """Serve the peers, and return an index of them as an author would make it."""
    folder.mkdir()
    for kind in ("executor", "source"):
        shutil.copy2(peers.folder / kind, folder / f"{kind}_peer_{PLATFORM}")
    order = IndexOrder(folder=folder, url=f"{server.url}/index.yaml", base=f"{server.url}/files")
    built = await build_index(order, lambda _: None)
    for file in folder.glob("*.tar.gz"):
        server.put(f"/files/{file.name}", file.read_bytes())
    server.put("/tool", TOOL)
    return built.content.replace(PLACE.encode(), server.url.encode())


def with_digest(server: Repository, content: bytes) -> bytes:
    """Return the index with a digest of the dependency, which the author has to add."""
    tool = f"{server.url}/tool\n".encode()
    return content.replace(tool, tool + b"        checksum: " + sha256(TOOL).encode() + b"\n")


def sign(server: Repository, content: bytes, signer: Signer) -> None:
    """Serve an index and its signature."""
    server.put("/index.yaml", content)
    server.put("/index.yaml.minisig", signer.sign(content))
