"""The gallery of messages, and what becomes of each in Slack.

`.venv/bin/python -m tests.fakes.slack.gallery` draws it anew, after a wanted change.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import msgspec

from botkube.bots.slack.drawing.modal import modal
from botkube.bots.slack.drawing.render import Outgoing, render
from botkube.model.message import Message, decode_message

GALLERY = Path(__file__).parents[2] / "data" / "gallery"
DRAWN = GALLERY / "slack"
BOT = "<@UBOT>"


def messages(path: Path) -> Iterator[Outgoing]:
    """The messages of a file, the main one first. Its four capitalised keys are not the message's own."""
    tree = json.loads(path.read_text("utf-8"))
    header, description = tree.pop("Header", ""), tree.pop("Description", "")
    extras = tree.pop("Messages", [])
    for part in (tree, *extras):
        yield Outgoing(message=_message(part), header=header, description=description)


def drawn(path: Path) -> str:
    """What is sent for a file's messages, and the modal if it is a form, as JSON to be read by people."""
    shown = []
    for outgoing in messages(path):
        parts = msgspec.to_builtins(render(outgoing, BOT))
        form = modal(outgoing, BOT, "C1")
        shown.append({name: part for name, part in parts.items() if part})
        if form is not None:
            shown[-1]["modal"] = msgspec.to_builtins(form)
    return json.dumps(shown, indent=1, ensure_ascii=False) + "\n"


def _message(tree: object) -> Message:
    return decode_message(json.dumps(tree).encode())


def main() -> None:
    """Write every drawing."""
    for path in sorted(GALLERY.glob("*.json")):
        DRAWN.joinpath(path.name).write_text(drawn(path), "utf-8")


if __name__ == "__main__":
    main()
