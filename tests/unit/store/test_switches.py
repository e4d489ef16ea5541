"""Notification switches: what a user switched wins over what is configured, also after a restart."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from botkube.model.command import Address
from botkube.model.errors import StorageError
from botkube.model.routes import Channel
from botkube.store.switches import load_switches
from tests.fakes.store import opened

pytestmark = pytest.mark.real

LOUD = Channel(
    address=Address(platform="p", channel="general"),
    target="p:general",
    name="general",
    bot="@Botkube",
    interactive=True,
    muted=False,
    executors=(),
    sources=(),
)
QUIET = replace(LOUD, target="p:quiet", muted=True)


async def test_a_switch_is_on_disk_and_survives(tmp_path: Path) -> None:
    async with opened(tmp_path) as database:
        switches = await load_switches(database)
        assert [switches.muted(LOUD), switches.muted(QUIET)] == [False, True]
        await switches.switch(LOUD, muted=True)
        await switches.switch(QUIET, muted=False)
        await switches.switch(QUIET, muted=True)
        await switches.switch(QUIET, muted=False)
        assert [switches.muted(LOUD), switches.muted(QUIET)] == [True, False]
    async with opened(tmp_path) as database:
        switches = await load_switches(database)
        assert [switches.muted(LOUD), switches.muted(QUIET)] == [True, False]


async def test_a_switch_that_cannot_be_stored_changes_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path) as database:
        switches = await load_switches(database)
    with pytest.raises(StorageError):
        await switches.switch(LOUD, muted=True)
    assert not switches.muted(LOUD)
