"""Delivers windows of events to a webhook: they begin in order, so many at once, and end with one outcome each."""

from collections.abc import Sequence

import msgspec
import trio

from botkube.model.delivery import Delivered, Delivery, Outcome, Rejected, Retry
from botkube.model.errors import AuthError, PeerError
from botkube.sinks.webhook.client import Unsent, WebhookClient


class WebhookNotifier:
    """The notifier of one webhook. After the first event that has to be tried again none is begun any more."""

    def __init__(self, client: WebhookClient, at_once: int) -> None:
        self._client = client
        self._at_once = at_once
        self._careful = False  # after a failure one event goes ahead alone

    async def deliver(self, window: Sequence[Delivery]) -> Sequence[Outcome]:
        """Post the window; what was begun has an outcome.

        Raises:
            AuthError: it does not know us, and took nothing of the window.
            PeerError: it cannot be reached, and took nothing of the window.
        Cancellation: posts that are under way are abandoned, and repeated with the same keys.
        """
        posts = _Posts(self._client, window[:1] if self._careful else window)
        self._careful = True
        await posts.all(self._at_once)
        self._careful = posts.stopped
        return settled(posts.results[: posts.begun])


class _Posts:
    """A window while it is posted; several tasks work on it."""

    def __init__(self, client: WebhookClient, window: Sequence[Delivery]) -> None:
        self._client = client
        self._window = window
        self.stopped = False
        self.begun = 0
        self.results: list[Outcome | Unsent | None] = [None] * len(window)

    async def all(self, at_once: int) -> None:
        """Post the window by so many tasks."""
        if len(self._window) == 1:
            await self._work()
            return
        async with trio.open_nursery() as nursery:
            for _ in range(min(at_once, len(self._window))):
                nursery.start_soon(self._work)

    async def _work(self) -> None:
        """Post the next ones until none is left, or one has to be tried again.

        One scope for all of them, whose deadline moves: one for each costs a tenth of the rate.
        """
        timeout, place = self._client.timeout, 0
        with trio.CancelScope() as scope:
            while self.begun < len(self._window) and not self.stopped:
                place = self.begun
                self.begun += 1
                scope.deadline = trio.current_time() + timeout
                self._keep(place, await self._sent(place))
        if scope.cancelled_caught:
            self._keep(place, Unsent(f"it did not answer within {timeout:g} s"))

    async def _sent(self, place: int) -> Outcome | Unsent:
        try:
            return await self._client.send(self._window[place])
        except Unsent as error:
            return error

    def _keep(self, place: int, result: Outcome | Unsent) -> None:
        self.results[place] = result
        self.stopped = self.stopped or isinstance(result, Retry | Unsent)


def settled(results: Sequence[Outcome | Unsent | None]) -> list[Outcome]:
    """The outcomes, in order. What has to wait waits as long as the longest of it.

    Raises: AuthError, PeerError if there is nothing but failures that are no event's own.
    """
    failures = [result for result in results if isinstance(result, Unsent)]
    if failures and not any(isinstance(r, Delivered | Rejected | Retry) for r in results):
        first = next((failure for failure in failures if failure.auth), failures[0])
        if first.auth:
            raise AuthError(str(first))
        if not first.after:
            raise PeerError(str(first))
    outcomes = [
        Retry(reason=str(result), after=result.after) if isinstance(result, Unsent) else result
        for result in results
        if result is not None
    ]
    longest = max((item.after for item in outcomes if isinstance(item, Retry)), default=0.0)
    return [
        msgspec.structs.replace(item, after=longest) if isinstance(item, Retry) else item
        for item in outcomes
    ]
