"""What a plugin is told with each call, as typed views; built from the wire's messages."""

from collections.abc import Mapping
from typing import Final, TypeVar

import msgspec

from botkube.sdk.convert import convert
from botkube.sdk.errors import UserError
from botkube.sdk.output import SILENT, Output
from botkube.wire.messages import ExecuteRequest, ExternalRequest, StreamRequest

T = TypeVar("T")


class User(msgspec.Struct, frozen=True, kw_only=True):
    """Who asked, as far as the platform says."""

    mention: str = ""
    display_name: str = ""


class MessageContext(msgspec.Struct, frozen=True, kw_only=True):
    """The chat message that a command came from; platforms fill what they have."""

    text: str = ""
    url: str = ""
    parent_activity_id: str = ""


class StateEntry(msgspec.Struct, frozen=True, kw_only=True):
    """What is chosen or typed in one element of the message, as values."""

    type: str = ""
    values: tuple[str, ...] = ()

    @property
    def value(self) -> str:
        """The only value, or the first; empty if there is none."""
        return self.values[0] if self.values else ""


class ExecuteInput(msgspec.Struct, frozen=True, kw_only=True):
    """One command. `command` starts with the plugin's name; `state` is block id → action id → entry."""

    command: str
    interactive: bool = False
    user: User = User()
    message: MessageContext = MessageContext()
    kube_config: bytes = b""
    webhook_base_url: str = ""
    slack_state: bytes = b""
    output: Output = SILENT

    @property
    def state(self) -> Mapping[str, Mapping[str, StateEntry]]:
        """The other elements of the message a button was pressed in; empty for typed commands."""
        return parse_state(self.slack_state)


class StreamInput(msgspec.Struct, frozen=True, kw_only=True):
    """One stream that a host opened; if it is not `interactive`, events are text only."""

    interactive: bool = False
    cluster_name: str = ""
    source_name: str = ""
    kube_config: bytes = b""
    webhook_base_url: str = ""
    webhook_full_url: str = ""


class ExternalInput(msgspec.Struct, frozen=True, kw_only=True):
    """One incoming webhook call: its body, unchecked; see `decode`."""

    payload: bytes
    interactive: bool = False
    cluster_name: str = ""
    source_name: str = ""
    webhook_base_url: str = ""
    webhook_full_url: str = ""

    def decode(self, kind: type[T]) -> T:
        """Read the body as JSON of this type.

        Raises:
            UserError: it is not; the text names key, value and what is expected, and is the caller's answer.
        """
        try:
            value: object = msgspec.json.decode(self.payload)
            return convert(value, kind)
        except (ValueError, RecursionError) as error:
            raise UserError(f"the payload does not fit: {error}") from error


class _Option(msgspec.Struct, frozen=True):
    value: str = ""


class _Action(msgspec.Struct, frozen=True):
    """Go writes every key of an action; these carry what elements of a plugin message can have."""

    type: str = ""
    value: str = ""
    selected_option: _Option | None = None
    selected_options: tuple[_Option, ...] | None = None


class _State(msgspec.Struct, frozen=True):
    values: Mapping[str, Mapping[str, _Action]] | None = None


_STATE: Final = msgspec.json.Decoder(_State)


def parse_state(data: bytes) -> Mapping[str, Mapping[str, StateEntry]]:
    """Read the block state a host sends with an interaction (slack-go's `BlockActionStates`).

    Raises:
        ValueError: not that.
    """
    blocks = (_STATE.decode(data).values if data else None) or {}
    return {
        block: {name: _entry(item) for name, item in items.items()}
        for block, items in blocks.items()
    }


def _entry(action: _Action) -> StateEntry:
    chosen = action.selected_options or (
        (action.selected_option,) if action.selected_option else ()
    )
    values = tuple(option.value for option in chosen if option.value) or (action.value,)
    return StateEntry(type=action.type, values=tuple(value for value in values if value))


def execute_input(request: ExecuteRequest, output: Output = SILENT) -> ExecuteInput:
    """Arrange a request for the author."""
    return ExecuteInput(
        command=request.command,
        interactive=request.interactive,
        user=User(mention=request.mention, display_name=request.display_name),
        message=MessageContext(
            text=request.text, url=request.url, parent_activity_id=request.parent_activity_id
        ),
        kube_config=request.kube_config,
        webhook_base_url=request.webhook_base_url,
        slack_state=request.slack_state,
        output=output,
    )


def stream_input(request: StreamRequest) -> StreamInput:
    """Arrange a request for the author."""
    return StreamInput(
        interactive=request.interactive,
        cluster_name=request.cluster_name,
        source_name=request.source_name,
        kube_config=request.kube_config,
        webhook_base_url=request.webhook_base_url,
        webhook_full_url=request.webhook_full_url,
    )


def external_input(request: ExternalRequest) -> ExternalInput:
    """Arrange a request for the author."""
    return ExternalInput(
        payload=request.payload,
        interactive=request.interactive,
        cluster_name=request.cluster_name,
        source_name=request.source_name,
        webhook_base_url=request.webhook_base_url,
        webhook_full_url=request.webhook_full_url,
    )
