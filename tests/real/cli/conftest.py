"""A repository, and the plugin manager's commands on a configuration that names it."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.fakes.managing import Manager
from tests.fakes.repository import Repository, served


@pytest.fixture
async def server() -> AsyncGenerator[Repository]:
    """A server, with nothing on it yet."""
    async with served() as repository:
        yield repository


@pytest.fixture
def manager(tmp_path: Path, server: Repository) -> Manager:
    """The commands, for `r`, which is that server."""
    return Manager(tmp_path, server)
