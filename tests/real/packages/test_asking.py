"""What servers are asked for again, and what is said while they do not answer."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import trio
from msgspec.structs import replace

from botkube.packages.progress import Progress
from tests.fakes.installing import BOUNDS, KEY, PATIENT, Rig, offer
from tests.fakes.repository import Answer, always, entry, served

pytestmark = pytest.mark.real


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncGenerator[Rig]:
    async with served() as server:
        with trio.fail_after(100):
            yield Rig(tmp_path, server)


async def test_what_no_digest_names_is_not_taken_from_an_earlier_download(rig: Rig) -> None:
    rig.server.put("/p", b"first")
    entries = [entry("p", "p", version=version) for version in ("v1.0.0", "v1.1.0")]
    rig.server.put_index(entries[0])
    async with rig.opened() as installer:
        await installer.install(KEY, rig.told.append)
        rig.server.put("/p", b"second")
        rig.server.put_index(*entries)
        found = await installer.install(KEY, rig.told.append, update=True)
    assert (found.version, found.path.read_bytes()) == ("v1.1.0", b"second")


async def test_an_index_that_does_not_come_is_told(rig: Rig) -> None:
    rig.server.put_index(offer(rig.server))
    patience = replace(PATIENT, note=0.05, answer=20.0)
    rig.settings = replace(rig.settings, bounds=replace(BOUNDS, patience=patience))
    rig.server.pages["/index.yaml"], page = (
        always(Answer(gate=trio.Event())),
        rig.server.pages["/index.yaml"],
    )
    told = trio.Event()

    def tell(progress: Progress) -> None:
        rig.told.append(progress)
        if progress.stage == "waiting":
            told.set()

    async with rig.opened() as installer, trio.open_nursery() as nursery:
        nursery.start_soon(installer.install, KEY, tell)
        await told.wait()
        nursery.cancel_scope.cancel()
    rig.server.pages["/index.yaml"] = page
    assert [step.text for step in rig.told] == [
        "reading the index",
        f"waiting: the index {rig.home} does not come; up to 20 s for an answer, 2 times",
    ]
    rig.settings = replace(rig.settings, bounds=BOUNDS)
    rig.told.clear()
    await rig.install()
    assert "waiting" not in [step.stage for step in rig.told]
