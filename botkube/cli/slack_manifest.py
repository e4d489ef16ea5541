"""`botkube slack manifest`."""

import re
import sys
from typing import Literal

from botkube.bots.slack.setup.manifest import APP_SCOPE, manifest
from botkube.cli import exits

_NEXT = (
    "(paste it at https://api.slack.com/apps: Create New App, From a manifest; "
    f"then make an app-level token with {APP_SCOPE}, install the app, and run: botkube doctor slack)"
)

_COMMAND = re.compile(r"[a-z0-9_-]{1,32}")


def print_manifest(
    name: str, output: Literal["yaml", "json"], *, history: bool, triggers: bool, slash: str
) -> None:
    """Print the manifest on stdout; where to paste it is said on stderr if that is a terminal."""
    if not name.strip():
        exits.fail(exits.USAGE, "--name: it is empty; name the app, such as --name Botkube")
    if slash and not _COMMAND.fullmatch(slash.lstrip("/")):
        text = f"--slash: {slash!r} is no slash command: write small letters, digits, - and _, 32 at most"
        exits.fail(exits.USAGE, text)
    made = manifest(name, history=history, triggers=triggers, slash=slash)
    print(_text(made, output), end="")
    if sys.stderr.isatty():
        print(_NEXT, file=sys.stderr)


def _text(made: object, output: Literal["yaml", "json"]) -> str:
    if output == "json":
        import json

        return json.dumps(made, indent=2) + "\n"
    from botkube.config.tree.write import to_yaml

    return to_yaml(made).decode()
