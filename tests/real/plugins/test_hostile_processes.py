"""How a plugin's process may end, or not want to, and what it may leave behind: the rig looks that nothing is."""

import pytest
import trio

from botkube.model.errors import PluginUnavailable
from tests.fakes.plugins.hostile import ENDING, HASTY, Ordeal, hostile

pytestmark = pytest.mark.real

ENDS = {
    "code_0_at_once": "the plugin exited with code 0",
    "code_255": "the plugin exited with code 255",
    "ends_behind_the_handshake": "the plugin exited with code 0",
    "segfault": "the plugin was killed by SIGSEGV",
    "abort": "the plugin was killed by SIGABRT",
    "real_time_signal": "the plugin was killed by signal 40",
    "terminated": "the plugin was killed by SIGTERM",
    "stopped_at_once": "the plugin printed no handshake line within 5 s",
    "stopped_behind_the_handshake": "the plugin did not answer its first health check within 5 s",
    "leaves_a_child": "the plugin exited with code 4",
    "leaves_a_session": "the plugin exited with code 4",
    "leaves_a_daemon": "the plugin exited with code 4",
    "leaves_twenty": "the plugin exited with code 4",
    "leaves_one_that_ignores_everything": "the plugin exited with code 4",
    "child_keeps_printing": "the plugin exited with code 4",
}


@pytest.mark.parametrize("act", ENDS)
async def test_one_that_ends_at_once(ordeal: Ordeal, act: str) -> None:
    timing = HASTY if act.startswith("stopped") else ENDING
    async with ordeal.bad(hostile("process", act), timing):
        assert (await ordeal.fallen()).startswith(ENDS[act])


IN_A_CALL = {
    "exits_in_a_call": "it exited with code 0",
    "segfaults_in_a_call": "it was killed by SIGSEGV",
    "stopped_in_a_call": "it did not answer a health check within 5 s",
}


@pytest.mark.parametrize("act", IN_A_CALL)
async def test_one_that_ends_in_a_call(ordeal: Ordeal, act: str) -> None:
    timing = HASTY if act.startswith("stopped") else ENDING
    async with ordeal.bad(hostile("process", act), timing):
        with trio.fail_after(100), pytest.raises(PluginUnavailable) as caught:
            await ordeal.ask()
        why = IN_A_CALL[act]
        assert str(caught.value) == f"the fake/bad plugin stopped while it ran your command: {why}"
        assert await ordeal.fallen() == f"the plugin{why.removeprefix('it')}"


async def test_one_that_ends_in_a_stream(ordeal: Ordeal) -> None:
    async with ordeal.bad(hostile("process", "exits_in_a_stream"), ENDING, kind="source"):
        async with ordeal.stream() as events:
            assert await ordeal.fallen() == "the plugin exited with code 9"
        assert len(events) == 1


@pytest.mark.parametrize(
    "act",
    ["serves_with_daemons", "ignores_sigterm", "answers_shutdown_and_stays", "hangs_up_at_shutdown_and_stays",
     "floods_at_shutdown", "forks_at_sigterm"],
)  # fmt: skip
async def test_one_that_does_not_want_to_go(ordeal: Ordeal, act: str) -> None:
    async with ordeal.bad(hostile("process", act)):
        await ordeal.works()
        began = trio.current_time()
    assert trio.current_time() - began < 30
    assert [line for line in ordeal.complaints() if "prints more than" not in line] == []
