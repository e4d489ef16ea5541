"""The commands that plugins run right now: listed, and cancelled by their ids. Nothing here waits."""

import secrets
from collections.abc import Callable, Generator
from contextlib import contextmanager

import trio

from botkube.model.call import Call
from botkube.model.command import User
from botkube.model.plugin import PluginKey
from botkube.model.routes import Channel


class Run:
    """One command in a plugin. `scope` is around the call; cancelling it reaches the plugin."""

    def __init__(self, name: str, call: Call, began: float) -> None:
        self.id = name
        self.call = call
        self.began = began
        self.scope = trio.CancelScope()
        self.cancelled_by = ""
        self.restarted = False  # it was not this command that somebody wanted to end

    def cancel(self, by: User, *, restart: bool = False) -> None:
        """End it, maybe because its plugin is restarted; the reply to the command says who did."""
        if not self.cancelled_by:
            self.cancelled_by, self.restarted = by.name, restart
        self.scope.cancel(reason=f"asked by {by.name}")


class RunningCommands:
    """Who runs what since when."""

    def __init__(self, now: Callable[[], float] = trio.current_time) -> None:
        self.now = now
        self._runs: dict[str, Run] = {}

    @contextmanager
    def entered(self, call: Call) -> Generator[Run]:
        """Count a command as running while the block runs."""
        run = Run(self._free_id(), call, self.now())
        self._runs[run.id] = run
        try:
            yield run
        finally:
            del self._runs[run.id]

    def _free_id(self) -> str:
        """Short, for people to type; random, so that the Stop button of an earlier run ends nothing else."""
        while (name := secrets.token_hex(3)) in self._runs:
            pass
        return name

    def in_channel(self, channel: Channel) -> list[Run]:
        """What runs there, oldest first."""
        return [run for run in self._runs.values() if run.call.channel.target == channel.target]

    def in_plugin(self, key: PluginKey) -> list[Run]:
        """What runs in a plugin, wherever it was asked for."""
        return [run for run in self._runs.values() if run.call.key == key]
