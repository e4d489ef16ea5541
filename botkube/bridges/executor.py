"""Command → plugin `Execute` → answer. Owns no connection: it leases one for each call."""

from collections.abc import Mapping
from typing import Final

import trio

from botkube.model.call import Answer, Call
from botkube.model.errors import Overloaded, PluginRefused, PluginUnavailable, ProtocolError
from botkube.model.message import decode_message
from botkube.model.plugin import PluginKey
from botkube.plugins.errors import PluginDown
from botkube.plugins.slot import PluginSlot
from botkube.wire.client import PluginClient
from botkube.wire.errors import CallError
from botkube.wire.messages import ExecuteRequest

# A plugin that hangs keeps its own commands waiting, nobody else's.
AT_ONCE: Final = 64  # commands of one plugin that run at the same time
WAITING: Final = 800  # and that wait for it; beyond that users are told
PATIENCE: Final = 5.0  # seconds a command waits for a plugin that is starting or restarting


class PluginExecutor:
    """Runs commands in the executor plugins behind these slots."""

    def __init__(self, slots: Mapping[PluginKey, PluginSlot]) -> None:
        self._slots = slots
        self._places = {key: trio.Semaphore(AT_ONCE) for key in slots}

    async def execute(self, call: Call) -> Answer:
        """Run a command in its plugin.

        Raises:
            PluginRefused: the plugin answered with an error; its text is for the user.
            PluginUnavailable: it is not running, died meanwhile, or answered with nonsense.
            Overloaded: too many commands wait for this plugin already.
        Cancellation: the plugin's handler is cancelled.
        """
        places = self._places.get(call.key)
        if places is None:
            raise PluginUnavailable(f"the {call.key} plugin is not running here")
        if places.statistics().tasks_waiting >= WAITING:
            raise Overloaded(f"too many commands wait for the {call.key} plugin: try again later")
        async with places:
            return await self._execute(call)

    async def _execute(self, call: Call) -> Answer:
        client = await self._lease(call.key)
        try:
            if call.help:
                return Answer(message=decode_message(await client.help()))
            response = await client.execute(_request(call))
            return Answer(
                message=decode_message(response.message),
                messages=tuple(map(decode_message, response.messages)),
            )
        except CallError as error:
            raise _explained(call.key, error) from error
        except ProtocolError as error:
            raise PluginUnavailable(f"the {call.key} plugin answered nonsense: {error}") from error

    async def _lease(self, key: PluginKey) -> PluginClient:
        try:
            with trio.fail_after(PATIENCE):
                return await self._slots[key].lease()
        except trio.TooSlowError:
            raise PluginUnavailable(
                f"the {key} plugin is starting or restarting: please try again in a moment"
            ) from None
        except PluginDown as error:
            raise PluginUnavailable(str(error)) from error


def _request(call: Call) -> ExecuteRequest:
    user = call.incoming.user
    return ExecuteRequest(
        command=call.command,
        configs=call.configs,
        interactive=call.channel.interactive,
        slack_state=call.incoming.state,
        text=f"{call.channel.bot} {call.incoming.text}",
        parent_activity_id=call.incoming.address.thread or call.incoming.id,
        mention=user.mention,
        display_name=user.name,
    )


def _explained(key: PluginKey, error: CallError) -> PluginRefused | PluginUnavailable:
    """The plugin's own words if they are, else what happened to it."""
    match error.status:
        case "UNAVAILABLE":
            return PluginUnavailable(
                f"the {key} plugin stopped while it ran your command: "
                f"error reading from server: {error.message}"
            )
        case "DEADLINE_EXCEEDED":
            return PluginUnavailable(f"the {key} plugin did not answer in time")
        case _:
            return PluginRefused(error.message or error.status)
