"""What a running instance is asked about plugins."""

from collections.abc import Callable
from typing import Final, TypeVar
from urllib.parse import urlencode

import msgspec
import trio

from botkube.app.orders.steps import Show, Step
from botkube.app.statedir import Instance
from botkube.cli import instance as client
from botkube.cli.instance import NoAnswer
from botkube.packages.inventory import Row

T = TypeVar("T")

_PLUGINS: Final = "/api/v1/plugins"


def ask_rows(instance: Instance) -> list[Row]:
    """Return the plugins of an instance.

    Raises: NoAnswer.
    """

    async def ask() -> list[Row]:
        async with client.connected(instance.url, instance.token) as connection:
            return _decode(await connection.ask("GET", _PLUGINS), list[Row])

    return trio.run(ask)


async def order(instance: Instance, action: str, body: object, show: Show) -> list[Step]:
    """Have something done and return how it ended for each plugin.

    Raises: NoAnswer.
    Cancellation: the connection is closed, which gives it up.
    """
    steps: dict[str, Step] = {}
    async with (
        client.connected(instance.url, instance.token) as connection,
        connection.lines("POST", f"{_PLUGINS}/{action}", body) as lines,
    ):
        while line := await lines.next():
            step = _decode(line, Step)
            show(step)
            steps[step.plugin] = step
    if open_ends := [step.plugin for step in steps.values() if not step.ends]:
        raise NoAnswer(f"the instance went away before it was done with {', '.join(open_ends)}")
    return list(steps.values())


async def follow(
    instance: Instance, key: str, lines: int, take: Callable[[bytes], None], *, on: bool
) -> None:
    """Take the log of a plugin line by line; `on`: those that come, too.

    Raises: NoAnswer.
    Cancellation: the connection is closed.
    """
    query = urlencode({"plugin": key, "lines": lines, "follow": str(on).lower()})
    async with (
        client.connected(instance.url, instance.token) as connection,
        connection.lines("GET", f"{_PLUGINS}/logs?{query}") as answer,
    ):
        while line := await answer.next():
            take(line)


def _decode(data: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NoAnswer(
            f"the instance answers what this version does not understand: {error}"
        ) from error
