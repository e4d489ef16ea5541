from collections.abc import AsyncGenerator

import pytest
import trio

from tests.fakes.plugins.rig import Rig, open_rig


@pytest.fixture
async def rig() -> AsyncGenerator[Rig]:
    with trio.fail_after(20):
        async with open_rig() as found:
            yield found
