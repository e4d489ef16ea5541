from typing import TYPE_CHECKING, cast

import pytest
import trio
import trio.testing

from botkube.model.plugin import parse_plugin_key
from botkube.plugins.end import End
from botkube.plugins.errors import PluginDown
from botkube.plugins.slot import PluginSlot
from botkube.wire.client import PluginClient

if TYPE_CHECKING:
    from botkube.wire.transport.channel import Channel

CLIENT = PluginClient(cast("Channel", None))
END = End(sentence="the plugin exited with code 3")


@pytest.fixture
def slot() -> PluginSlot:
    return PluginSlot(parse_plugin_key("executor", "builtin/echo"))


async def test_callers_wait_until_it_opens(slot: PluginSlot, nursery: trio.Nursery) -> None:
    leased: list[PluginClient] = []

    async def lease() -> None:
        leased.append(await slot.lease())

    nursery.start_soon(lease)
    nursery.start_soon(lease)
    await trio.testing.wait_all_tasks_blocked()
    slot.close()
    await trio.testing.wait_all_tasks_blocked()
    assert not leased
    slot.open(CLIENT)
    await trio.testing.wait_all_tasks_blocked()
    assert leased == [CLIENT, CLIENT]


async def test_waiting_is_the_callers_deadline(slot: PluginSlot, autojump_clock: object) -> None:
    with pytest.raises(trio.TooSlowError), trio.fail_after(5):
        await slot.lease()


async def test_a_parked_plugin_refuses_waiters_and_newcomers(
    slot: PluginSlot, nursery: trio.Nursery
) -> None:
    refused: list[str] = []

    async def lease() -> None:
        try:
            await slot.lease()
        except PluginDown as error:
            refused.append(str(error))

    nursery.start_soon(lease)
    await trio.testing.wait_all_tasks_blocked()
    slot.park("its executable is not there")
    await lease()
    await trio.testing.wait_all_tasks_blocked()
    assert refused == ["plugin builtin/echo is not running: its executable is not there"] * 2


async def test_when_it_is_tried_again_callers_wait_again(slot: PluginSlot) -> None:
    slot.park("for now")
    slot.close()
    with trio.move_on_after(0) as scope:
        await slot.lease()
    assert scope.cancelled_caught
    slot.open(CLIENT)
    assert await slot.lease() is CLIENT


async def test_leasing_is_a_checkpoint(slot: PluginSlot) -> None:
    slot.open(CLIENT)
    with trio.testing.assert_checkpoints():
        await slot.lease()


async def test_callers_of_a_life_that_is_over_learn_its_end(
    slot: PluginSlot, nursery: trio.Nursery
) -> None:
    ends: list[End] = []

    async def wait(client: PluginClient) -> None:
        ends.append(await slot.wait_end(client))

    slot.open(CLIENT)
    nursery.start_soon(wait, CLIENT)
    nursery.start_soon(wait, PluginClient(cast("Channel", None)))  # of another life: waits
    await trio.testing.wait_all_tasks_blocked()
    slot.close()
    slot.end(END)
    slot.close()
    slot.open(PluginClient(cast("Channel", None)))
    await trio.testing.wait_all_tasks_blocked()
    assert ends == [END]
    with trio.testing.assert_checkpoints():
        assert await slot.wait_end(CLIENT) is END  # also later
    nursery.cancel_scope.cancel()


def test_the_last_end_is_that_of_the_run_before(slot: PluginSlot) -> None:
    seen = [slot.last_end]
    slot.end(END)
    slot.park("too often")
    seen.append(slot.last_end)
    slot.close()
    assert [*seen, slot.last_end] == [None, END, None]
