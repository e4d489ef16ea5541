"""Command → plugin `Execute` → answer. Owns no connection: it leases one for each call."""

from collections.abc import Callable, Mapping
from typing import Final, Protocol

import trio

from botkube.bridges.kubeconfigs import KubeConfigs, NoCluster
from botkube.bridges.reading import read_messages
from botkube.bridges.webhookurl import sources_url
from botkube.model.call import Answer, Call, PluginStatus
from botkube.model.errors import Overloaded, PluginRefused, PluginUnavailable, ProtocolError
from botkube.model.plugin import PluginKey
from botkube.plugins.errors import PluginDown
from botkube.plugins.slot import PluginSlot
from botkube.runtime.terminal import without_controls
from botkube.wire.client import PluginClient
from botkube.wire.errors import BadAnswer, CallError
from botkube.wire.messages import ExecuteRequest, ExecuteResponse


class Progress(Protocol):
    """Takes the output of a command while it runs."""

    def output(self, data: bytes) -> None:
        """Append to what the user sees; never waits."""
        ...


# A plugin that hangs keeps its own commands waiting, nobody else's.
AT_ONCE: Final = 64  # commands of one plugin that run at the same time
WAITING: Final = 800  # and that wait for it; beyond that users are told
LONGEST: Final = 32 * 1024  # characters of an error; a plugin may send a megabyte of it
PATIENCE: Final = 5.0  # seconds a command waits for a plugin that is starting or restarting
LAST_WORDS: Final = 0.5  # seconds in which it is to be known how a plugin died


class PluginExecutor:
    """Runs commands in the executor plugins behind these slots."""

    def __init__(
        self,
        slots: Mapping[PluginKey, PluginSlot],
        kubeconfigs: KubeConfigs | None = None,
        webhook_base_url: str = "",
        status: Callable[[PluginKey], PluginStatus] = lambda _key: PluginStatus(),
    ) -> None:
        self._slots = slots
        self._kubeconfigs = kubeconfigs or NoCluster()
        self._webhook_base_url = webhook_base_url
        self._status = status
        self._places = {key: trio.Semaphore(AT_ONCE) for key in slots}

    async def execute(self, call: Call, progress: Progress) -> Answer:
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
            return await self._execute(call, progress)

    async def _execute(self, call: Call, progress: Progress) -> Answer:
        client = await self._lease(call.key)
        try:
            if call.help:
                return Answer(message=read_messages([await client.help()])[0])
            request = self._request(call)
            if client.streams_output:
                response = await _streamed(client, request, progress)
            else:
                response = await client.execute(request)
            message, *others = read_messages([response.message, *response.messages])
            return Answer(message=message, messages=tuple(others))
        except CallError as error:
            raise await self._explained(call.key, client, error) from error
        except ProtocolError as error:
            raise PluginUnavailable(_unusable(call.key, str(error))) from error

    async def _explained(
        self, key: PluginKey, client: PluginClient, error: CallError
    ) -> PluginRefused | PluginUnavailable:
        """The plugin's own words if they are, else what happened to it."""
        if isinstance(error, BadAnswer):
            return PluginUnavailable(_unusable(key, error.message))
        match error.status:
            case "UNAVAILABLE":
                how = f"the connection to it is lost: {error.message}"
                with trio.move_on_after(LAST_WORDS):
                    end = await self._slots[key].wait_end(client)
                    how = end.predicate + end.last_words
                return PluginUnavailable(
                    f"the {key} plugin stopped while it ran your command: {how}"
                )
            case "DEADLINE_EXCEEDED":
                return PluginUnavailable(f"the {key} plugin did not answer in time")
            case _:
                return PluginRefused(_clean(error.message) or error.status)

    def _request(self, call: Call) -> ExecuteRequest:
        user = call.incoming.user
        return ExecuteRequest(
            command=call.command,
            configs=call.configs,
            interactive=call.channel.interactive,
            slack_state=call.state,
            kube_config=self._kubeconfigs.get(call.key, call.rbac, call.channel.name),
            text=f"{call.channel.bot} {call.incoming.text}",
            parent_activity_id=call.incoming.address.thread or call.incoming.id,
            mention=user.mention,
            display_name=user.name,
            webhook_base_url=sources_url(self._webhook_base_url),
        )

    async def _lease(self, key: PluginKey) -> PluginClient:
        try:
            with trio.fail_after(PATIENCE):
                return await self._slots[key].lease()
        except trio.TooSlowError:
            raise PluginUnavailable(_late(key, self._status(key))) from None
        except PluginDown as error:
            raise PluginUnavailable(str(error)) from error


async def _streamed(
    client: PluginClient, request: ExecuteRequest, progress: Progress
) -> ExecuteResponse:
    """Run a command whose output is shown as it comes."""
    async with client.execute_stream(request) as replies:
        async for reply in replies:
            if reply.output:
                progress.output(reply.output)
            if reply.result is not None:
                return reply.result
    raise BadAnswer("INTERNAL", "its output ended without a result")


def _late(key: PluginKey, status: PluginStatus) -> str:
    """Why a plugin is not there yet, and when it is tried again, as `list executors` has it."""
    reason = " ".join(_clean(status.reason).split())
    if not reason:
        return f"the {key} plugin is starting or restarting: please try again in a moment"
    return f"the {key} plugin is not running ({status.status.lower()}): {reason}"


def _clean(text: str) -> str:
    """A plugin's words without what drives a terminal, and no longer than anybody reads."""
    text = without_controls(text)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… (cut)"


def _unusable(key: PluginKey, why: str) -> str:
    return f"the answer of the {key} plugin cannot be used: {why}"
