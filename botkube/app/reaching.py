"""The level of clients: what is sent and what is heard goes through them. Nothing of it is imported unless it is used."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from botkube.app.foundation import Base, Stored

if TYPE_CHECKING:
    from botkube.app.slack.house import SlackHouse


@asynccontextmanager
async def reaching(base: Base, stored: Stored) -> AsyncGenerator["Sequence[SlackHouse]"]:
    """Give the Slack of each group that has it, while the block runs."""
    if not base.plan.slacks:
        yield ()
        return
    from botkube.app.slack.opening import slack_houses  # noqa: PLC0415 - many never need it

    async with slack_houses(base, stored) as houses:
        yield houses
