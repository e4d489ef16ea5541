"""What `botkube plugins run` prints: the plugin's answers on stdout, everything else on stderr."""

import json
import sys
from typing import Final

import msgspec

from botkube.model.message import Message, encode_message, plain_text, replace_bot_name
from botkube.plugins.hclog import parse_line
from botkube.runtime.terminal import without_controls
from botkube.sdk.event import Event
from botkube.sdk.testing import Answer
from botkube.wire.messages import Metadata

_SCHEMAS: Final = ("json_schema", "external_request_schema")


class Screen:
    """Prints what a plugin says: for people, or one JSON document each."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json

    def answer(self, answer: Answer) -> None:
        """The reply to a command."""
        if self._as_json:
            messages = [_raw(each) for each in answer.messages]
            _json({"message": _raw(answer.message), "messages": messages, "output": answer.output})
        elif answer.skipped:
            self.note("the plugin answers in another way")
        else:
            shown = map(_for_people, (answer.message, *answer.messages))
            self._text("\n\n".join(filter(None, shown)))

    def message(self, message: Message) -> None:
        """A message by itself."""
        if self._as_json:
            _json(_raw(message))
        else:
            self._text(_for_people(message))

    def event(self, event: Event) -> None:
        """One event; its raw object in JSON only."""
        if self._as_json:
            _json({"message": _raw(event.message), "raw": event.raw, "labels": event.labels})
        else:
            self._text(f"{_for_people(event.message)}\n")

    def metadata(self, metadata: Metadata) -> None:
        """Everything that is set; schemas as values, not as text in text."""
        values: dict[str, object] = msgspec.to_builtins(metadata)
        shown = {
            key: json.loads(str(value)) if key in _SCHEMAS else value
            for key, value in values.items()
            if value
        }
        if self._as_json:
            _json(shown)
        else:
            print(json.dumps(shown, indent=2, ensure_ascii=False), flush=True)

    def error(self, text: str) -> None:
        """Why there is no answer."""
        if self._as_json:
            _json({"error": text})
        else:
            print(without_controls(text), file=sys.stderr, flush=True)

    def live(self, text: str) -> None:
        """Output while a command runs."""
        print(without_controls(text), end="", file=sys.stderr, flush=True)

    def log(self, line: str) -> None:
        """A line of the plugin's log."""
        entry = parse_line(line.encode())
        more = "".join(f" {name}={value}" for name, value in entry.fields.items())
        level = f"{entry.level} " if entry.level else ""
        print(without_controls(f"{level}{entry.message}{more}"), file=sys.stderr, flush=True)

    def note(self, text: str) -> None:
        """What there is to know beside the answer."""
        print(f"({text})", file=sys.stderr, flush=True)

    def _text(self, text: str) -> None:
        if text.strip():
            print(without_controls(text), flush=True)
        else:
            self.note("the message is empty")


def _for_people(message: Message) -> str:
    return plain_text(replace_bot_name(message, "@Botkube"))


def _json(value: object) -> None:
    print(msgspec.json.encode(value).decode(), flush=True)


def _raw(message: Message) -> msgspec.Raw:
    return msgspec.Raw(encode_message(message))
