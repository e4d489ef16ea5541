from collections.abc import AsyncGenerator

import pytest
import trio

from tests.fakes.plugins.hostile import Ordeal, open_ordeal
from tests.fakes.plugins.rig import Rig, open_rig


@pytest.fixture
async def rig() -> AsyncGenerator[Rig]:
    with trio.fail_after(240):
        async with open_rig() as found:
            yield found


@pytest.fixture
async def ordeal(rig: Rig, caplog: pytest.LogCaptureFixture) -> AsyncGenerator[Ordeal]:
    async with open_ordeal(rig, caplog) as found:
        yield found
