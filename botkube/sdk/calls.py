"""What a test puts into a call of a plugin and gets out of it, and the forms in which both travel."""

import codecs
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import msgspec

from botkube.model.message import (
    Message,
    MessageType,
    decode_message,
    decode_source_event,
    is_empty,
    plain_text,
)
from botkube.sdk.event import Event
from botkube.sdk.lengths import write_custom
from botkube.wire.messages import ExecuteResponse

OneConfig: TypeAlias = Mapping[str, object] | msgspec.Struct | str | bytes
Config: TypeAlias = OneConfig | Sequence[OneConfig] | None
"""A configuration as values or YAML text; a list of them is what several bindings of a channel give."""
State: TypeAlias = Mapping[str, Mapping[str, str | Sequence[str]]]
"""What is chosen in the message that a button is in: block id → action id → value or values."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The reply to a command; `output` is what was shown while it ran."""

    message: Message
    messages: tuple[Message, ...] = ()
    output: str = ""

    @property
    def text(self) -> str:
        """All of the reply as plain text, as a terminal would show it."""
        shown = (each for each in (self.message, *self.messages) if not is_empty(each))
        return "\n\n".join(map(plain_text, shown))

    @property
    def skipped(self) -> bool:
        """Whether hosts show nothing at all."""
        return all(each.type == MessageType.SKIP for each in (self.message, *self.messages))


def read_answer(response: ExecuteResponse, output: str) -> Answer:
    """Read the reply to a command."""
    return Answer(
        message=decode_message(response.message),
        messages=tuple(map(decode_message, response.messages)),
        output=output,
    )


class Collected:
    """The output of a command: whole characters, as they come and all together."""

    def __init__(self, on_output: Callable[[str], None] | None) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._on_output = on_output
        self.text = ""

    def take(self, data: bytes) -> None:
        """Append what came."""
        text = self._decoder.decode(data)
        self.text += text
        if text and self._on_output is not None:
            self._on_output(text)


def documents(config: Config) -> tuple[bytes, ...]:
    """Each configuration as a YAML document; JSON is YAML."""
    match config:
        case None:
            return ()
        case bytes():
            return (config,)
        case str():
            return (config.encode(),)
        case msgspec.Struct() | Mapping():
            return (msgspec.json.encode(config, enc_hook=write_custom),)
        case _:
            return tuple(document for each in config for document in documents(each))


def slack_state(state: State | None) -> bytes:
    """The state of a message's elements, as slack-go writes it."""
    if not state:
        return b""
    values = {
        block: {action: _block_action(value) for action, value in actions.items()}
        for block, actions in state.items()
    }
    return msgspec.json.encode({"values": values})


def _block_action(value: str | Sequence[str]) -> Mapping[str, object]:
    if isinstance(value, str):
        return {"value": value}
    return {"selected_options": [{"value": each} for each in value]}


def read_event(data: bytes) -> Event:
    """Read an event of a source; its raw object as plain values."""
    event = decode_source_event(data)
    raw: object = msgspec.json.decode(event.raw_object)
    return Event(message=event.message, raw=raw, labels=event.analytics_labels)
