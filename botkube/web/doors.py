"""Path → handler. A door is opened and shut by the level of the program that owns what is behind it;
a shut door answers 503, one with nothing ever behind it says why, a path without a door is 404.
"""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager

import trio

from botkube.web.http import Answer, Handler, HttpError, Request

SHUT = "this part of Botkube is not up: it is starting or stopping"


def plainly(answer: Callable[[Request], Answer]) -> Handler:
    """A handler out of a function that has nothing to wait for."""

    async def handle(request: Request) -> Answer:
        await trio.lowlevel.checkpoint()
        return answer(request)

    return handle


class Doors:
    """The one mutable table: which handler answers which path now.

    A name ending in `/` stands for every path below it, and the longest fitting name wins.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._doors: dict[str, Handler | None] = dict.fromkeys(names)

    @contextmanager
    def opened(self, name: str, handler: Handler) -> Generator[None]:
        """Answer `name` with `handler` while the block runs."""
        self._doors[name] = handler
        try:
            yield
        finally:
            self.shut(name)

    def shut(self, name: str) -> None:
        """Answer 503 from now on."""
        self._doors[name] = None

    def close(self, name: str, status: int, reason: str) -> None:
        """Answer with this reason from now on: what is behind the door will not come up."""

        def refuse(_request: Request) -> Answer:
            raise HttpError(status, reason)

        self._doors[name] = plainly(refuse)

    async def handle(self, request: Request) -> Answer:
        """Answer a request.

        Raises:
            HttpError: 404 when there is no such door, 503 when it is shut.
        """
        fitting = [
            name
            for name in self._doors
            if request.path == name or (name.endswith("/") and request.path.startswith(name))
        ]
        if not fitting:
            raise HttpError(404, f"there is nothing at {request.path}")
        handler = self._doors[max(fitting, key=len)]
        if handler is None:
            raise HttpError(503, SHUT)
        return await handler(request)

    def only(self, *names: str) -> Handler:
        """The handler of a listener that serves just these doors."""

        async def handle(request: Request) -> Answer:
            if not any(
                request.path == n or (n.endswith("/") and request.path.startswith(n)) for n in names
            ):
                raise HttpError(404, f"there is nothing at {request.path}")
            return await self.handle(request)

        return handle
