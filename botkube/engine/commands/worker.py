"""Runs accepted commands of one platform and sees to it that each gets exactly one final reply."""

import logging
import secrets
from functools import partial
from typing import Final

import trio

from botkube.engine.commands import texts
from botkube.engine.commands.answer import answer
from botkube.engine.commands.desk import Desk
from botkube.engine.ports import Replier
from botkube.model.command import Incoming, Outcome, Reply
from botkube.model.errors import StorageError
from botkube.model.replies import code
from botkube.runtime.inbox import Inbox
from botkube.runtime.logs import fields
from botkube.runtime.metrics import Metrics

log = logging.getLogger(__name__)

LAST_WORDS: Final = 5.0  # seconds in which a cancelled command's final reply must be stored


class Worker:
    """The commands of one platform: its inbox, where replies go, and what answers need."""

    def __init__(
        self, inbox: Inbox[Incoming], replier: Replier, desk: Desk, metrics: Metrics
    ) -> None:
        self._inbox = inbox
        self._replier = replier
        self._desk = desk
        self._metrics = metrics

    async def run(self) -> None:
        """Run commands as they come, until the inbox is closed and empty.

        A command keeps its place in the inbox until it is answered: that bounds how many there are.
        Cancellation: commands are cancelled through to their plugins and answered "interrupted".
        """
        async with trio.open_nursery() as nursery:
            async for incoming in self._inbox.receive:
                self._replier.working(incoming)  # in the order in which they came; tasks have none
                nursery.start_soon(self._handle, incoming, name=f"command:{incoming.id}")

    async def _handle(self, incoming: Incoming) -> None:
        began = trio.current_time()
        try:
            name, reply = await self._answer(incoming)
            await self._finish(incoming, reply)
        except BaseException:  # cancelled: by itself, or a group of such from a plugin call's tasks
            text = texts.STOPPING.format(command=" ".join(incoming.text.split()))
            name, reply = "other", code(text, "", Outcome.CANCELLED)
            with trio.move_on_after(LAST_WORDS, shield=True):
                await self._finish(incoming, reply)
            self._count(name, reply, began)
            raise
        finally:
            self._inbox.release()
        self._count(name, reply, began)

    def _count(self, name: str, reply: Reply, began: float) -> None:
        self._metrics.commands.labels(name, reply.outcome.value).inc()
        self._metrics.command_duration.labels(name).observe(trio.current_time() - began)

    async def _answer(self, incoming: Incoming) -> tuple[str, Reply]:
        try:
            name, reply = await answer(
                incoming, self._desk, partial(self._replier.progress, incoming)
            )
        except StorageError as error:
            correlation = secrets.token_hex(4)
            log.error(  # noqa: TRY400 - the sentence says it all
                "a command failed: %s", error, extra=fields(correlation_id=correlation)
            )
            text = texts.FAILED.format(reason=error, correlation=correlation)
            return "other", code(text, "", Outcome.FAILED)
        except Exception as error:  # noqa: BLE001 - said and logged
            return "other", self._broke(error)
        return name, reply or Reply(silent=True, outcome=Outcome.REFUSED)

    def _broke(self, error: Exception) -> Reply:
        """The reply to a command that met a fault of ours, which goes to the log."""
        correlation = secrets.token_hex(4)
        log.error("a command broke", exc_info=error, extra=fields(correlation_id=correlation))
        text = texts.INTERNAL.format(cluster=self._desk.routes.cluster, correlation=correlation)
        return code(text, "", Outcome.FAILED)

    async def _finish(self, incoming: Incoming, reply: Reply) -> None:
        """Give the reply or, if it cannot be given, say so instead."""
        try:
            await self._give(incoming, reply)
        except Exception as error:  # noqa: BLE001 - said and logged
            try:
                await self._give(incoming, self._broke(error))
            except Exception:
                log.exception("command %s stays unanswered until the next start", incoming.id)

    async def _give(self, incoming: Incoming, reply: Reply) -> None:
        """The reply is owed: while the disk is full, try again at growing intervals."""
        delay = 0.25
        while True:
            try:
                await self._replier.finish(incoming, reply)
            except StorageError:
                await trio.sleep(delay)
                delay = min(delay * 2, 4.0)
            else:
                return
