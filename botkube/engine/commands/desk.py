"""Everything answering a command may use, in one value."""

from collections.abc import Callable

import msgspec

from botkube.engine.commands.running import RunningCommands
from botkube.engine.ports import Executor, Results, Switches
from botkube.model.call import PluginStatus
from botkube.model.plugin import PluginKey
from botkube.model.routes import Binding, Routes
from botkube.runtime.policy import StateName


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """What commands are answered with. `read_routes` gives the routes in force now; `restart_plugin` restarts
    a plugin, or tries it again, and gives the state it was in.
    """

    read_routes: Callable[[], Routes]
    executor: Executor
    results: Results
    switches: Switches
    plugin_status: Callable[[Binding], PluginStatus]
    restart_plugin: Callable[[PluginKey], StateName]
    versions: str
    command_timeout: float
    running: RunningCommands

    @property
    def routes(self) -> Routes:
        """The routes in force now."""
        return self.read_routes()
