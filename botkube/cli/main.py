"""The program's entry. `version` and built-in plugins skip the command-line library: a plugin starts
often, and both are asked by scripts. Everything heavy is imported by the command that needs it.
"""

import os
import sys


def main() -> None:
    """Run the command line in `sys.argv` and exit with its code."""
    _open_missing_streams()
    arguments = sys.argv[1:]
    if "--no-color" in arguments and arguments[:1] != ["chat"]:  # chat's words are the command's
        sys.argv.remove("--no-color")
        arguments = sys.argv[1:]
        os.environ["NO_COLOR"] = "1"
    match arguments:
        case ["version"] | ["--version"]:
            from botkube.cli.version import print_version

            print_version("text")
        case ["plugin", "zygote", *_]:
            from botkube.cli.zygote import serve_forked

            serve_forked()
        case ["plugin", "serve", name]:
            from botkube.cli.plugin import serve

            serve(name)
        case ["plugin", "confine"]:
            from botkube.cli.plugin import confine

            confine()
        case _:
            from botkube.cli.commands import app

            app(prog_name="botkube")


def _open_missing_streams() -> None:
    """A program may be started with its standard streams closed."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115 - for the whole run
