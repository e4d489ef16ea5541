"""Everything answering a command may use, in one value."""

from collections.abc import Callable

import msgspec

from botkube.engine.ports import Executor, Results, Switches
from botkube.model.call import PluginStatus
from botkube.model.routes import Binding, Routes


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """What commands are answered with. `read_routes` gives the routes in force now."""

    read_routes: Callable[[], Routes]
    executor: Executor
    results: Results
    switches: Switches
    plugin_status: Callable[[Binding], PluginStatus]
    versions: str
    command_timeout: float

    @property
    def routes(self) -> Routes:
        """The routes in force now."""
        return self.read_routes()
