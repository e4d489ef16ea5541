"""One life of a plugin's process: handshake, connection, stdio, health, until something ends it.

Returns why it is over, as a value. Cancelled, it has gone down the stop ladder as far as the process needed;
whoever owns the process does the rest.
"""

from collections.abc import Awaitable, Callable
from typing import NoReturn

import msgspec
import trio

from botkube.model.errors import ProtocolError
from botkube.plugins.limits import LIMITS
from botkube.plugins.output import PluginOutput
from botkube.plugins.process import PluginProcess
from botkube.plugins.slot import PluginSlot
from botkube.wire.client import PluginClient, open_client
from botkube.wire.errors import CallError, said_unimplemented
from botkube.wire.handshake import Handshake, parse_handshake


class Timing(msgspec.Struct, frozen=True, kw_only=True):
    """How long a plugin may take; the defaults are go-plugin's and the original's."""

    start: float = 60.0
    health_interval: float = 10.0
    health_deadline: float = 3.0
    stop_grace: float = 2.0  # each for the Shutdown call and for SIGTERM
    last_gasp: float = 0.5  # in which a process that broke its connection is seen exiting


class Life:
    """What goes on while one plugin process runs."""

    def __init__(
        self, process: PluginProcess, output: PluginOutput, slot: PluginSlot, timing: Timing
    ) -> None:
        self._process = process
        self._output = output
        self._slot = slot
        self._timing = timing
        self._scope = trio.CancelScope()
        self._reason: str | None = None

    async def run(self, started: Callable[[], None], *, max_message: int) -> str:
        """Use the process until it is of no more use and say why; "" if it ended by itself.

        `started` is called as soon as the plugin can be called.

        Cancellation: asks the plugin to shut down; takes at most twice `stop_grace`.
        """
        deadline = trio.current_time() + self._timing.start
        with self._scope:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._watch_exit)
                handshake = await self._handshake(deadline)
                try:
                    async with open_client(
                        handshake,
                        max_response=max_message,
                        limit_name=f"{LIMITS}.maxMessage",
                        owner=self._process.owns,
                    ) as client:
                        await self._use(client, deadline, started)
                except CallError as error:
                    await self._lost(f"cannot connect to the plugin: {error.message}")
        return self._reason or ""

    async def _handshake(self, deadline: float) -> Handshake:
        try:
            with trio.fail_at(deadline):
                line = await self._process.first_line()
            if line is None:
                await self._lost("the plugin closed its stdout without a handshake line")
            return parse_handshake(line)
        except trio.TooSlowError:
            await self._end(f"the plugin printed no handshake line within {self._timing.start:g} s")
        except ProtocolError as error:
            await self._end(str(error))

    async def _use(
        self, client: PluginClient, deadline: float, started: Callable[[], None]
    ) -> None:
        # Shielded, so that stdio is drained during the stop ladder too; that is bounded.
        mirror = trio.CancelScope(shield=True)
        opened = trio.Event()

        async def first_check() -> None:
            await opened.wait()  # a plugin that prints may block until its stdio is read
            await client.check_health()
            await client.discover()

        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._drain_stdio, client, mirror, opened)
            try:
                what = f"its first health check within {self._timing.start:g} s"
                await self._check(first_check, deadline, what)
                self._slot.open(client)
                started()
                await self._check_for_ever(client)
            finally:
                self._slot.close()
                if self._reason is None:
                    with trio.move_on_after(3 * self._timing.stop_grace, shield=True):
                        await self._process.stop(client.shutdown)
                mirror.cancel(reason="the plugin is gone")

    async def _drain_stdio(
        self, client: PluginClient, mirror: trio.CancelScope, opened: trio.Event
    ) -> None:
        problem: CallError | None = None
        with mirror:
            problem = await self._mirror(client, opened)
        if problem is not None:
            await self._lost(f"the connection to the plugin is lost: {problem.message}")

    async def _mirror(self, client: PluginClient, opened: trio.Event) -> CallError | None:
        try:
            async with client.stdio() as chunks:
                opened.set()
                async for chunk in chunks:
                    if pause := self._output.stdio(chunk):
                        await trio.sleep(pause)
        except CallError as error:
            # A plugin without GRPCStdio has nothing to mirror; its health is watched all the same.
            return None if said_unimplemented(error) else error
        finally:
            opened.set()
        return None

    async def _check_for_ever(self, client: PluginClient) -> NoReturn:
        allowed = self._timing.health_deadline
        while True:
            await trio.sleep(self._timing.health_interval)
            deadline = trio.current_time() + allowed
            await self._check(client.check_health, deadline, f"a health check within {allowed:g} s")

    async def _check(self, ask: Callable[[], Awaitable[None]], deadline: float, what: str) -> None:
        try:
            with trio.fail_at(deadline):
                await ask()
        except trio.TooSlowError:
            await self._end(f"the plugin did not answer {what}")
        except CallError as error:
            if error.status == "UNAVAILABLE":
                await self._lost(f"the connection to the plugin is lost: {error.message}")
            await self._end(f"the plugin failed its health check: {error}")

    async def _watch_exit(self) -> None:
        await self._process.wait_exited()
        self._finish("")

    async def _lost(self, reason: str) -> NoReturn:
        # Mostly the process is just exiting, and its exit code says more than a broken connection.
        with trio.move_on_after(self._timing.last_gasp):
            await self._process.wait_exited()
            await trio.sleep_forever()  # the exit watcher ends it
        await self._end(reason)

    async def _end(self, reason: str) -> NoReturn:
        self._process.kill()
        self._finish(reason)
        await trio.sleep_forever()  # until the cancellation arrives

    def _finish(self, reason: str) -> None:
        if self._reason is None:
            self._reason = reason
            self._scope.cancel(reason=reason or "the plugin process exited")
