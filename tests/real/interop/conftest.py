from collections.abc import AsyncGenerator

import pytest
import trio

from tests.fakes.gopeers import Peers, go_peers
from tests.fakes.plugins.rig import Rig, open_rig

PATIENCE = 240.0


@pytest.fixture(scope="session")
def peers() -> Peers:
    return go_peers()


@pytest.fixture
async def rig() -> AsyncGenerator[Rig]:
    with trio.fail_after(PATIENCE):
        async with open_rig() as found:
            yield found
