"""`botkube plugins …`: what each command takes. What they do is imported when they run."""

from pathlib import Path
from typing import Annotated, Final, Literal

import typer

from botkube.cli.options import CacheDir, Output, StateDir

Level = Literal["trace", "debug", "info", "warning", "error"]

_CHANGES: Final = ("update", "remove")  # nothing that is built in

plugins_app = typer.Typer(no_args_is_help=True, help="Find, install, write and try out plugins.")


@plugins_app.command(epilog="Example: botkube plugins new executor hello --dir ./hello")
def new(
    kind: Annotated[Literal["executor", "source"], typer.Argument(help="What it is to be.")],
    name: Annotated[str, typer.Argument(help="Its name: small letters, digits and -.")],
    folder: Annotated[
        Path | None,
        typer.Option("--dir", help="A new or empty folder; default: ./NAME.", show_default=False),
    ] = None,
    output: Output = "text",
) -> None:
    """Write a plugin project that works: the plugin, its tests, how to package it."""
    from botkube.cli.plugins.new import Options
    from botkube.cli.plugins.new import new as run_it

    raise SystemExit(run_it(Options(kind=kind, name=name, folder=folder, output=output)))


def complete(ctx: typer.Context, incomplete: str) -> list[str]:
    """Give the plugins that begin so, to the shell."""
    from botkube.cli.completion import names

    own = {"config": ()} if ctx.info_name == "run" else {}  # there it is the plugin's
    return names(ctx.params | own, incomplete, built_in=ctx.info_name not in _CHANGES)


def _file(text: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(
        exists=True, dir_okay=False, readable=True, metavar="FILE", show_default=False, help=text
    )
    return option


def _unset(text: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(show_default=False, help=text)
    return option


_WHAT = "A file, a built-in plugin, or REPOSITORY/NAME in the cache."
Plugin = Annotated[str, typer.Argument(metavar="NAME|PATH", help=_WHAT, autocompletion=complete)]
Stream = Annotated[bool, typer.Option("--stream", help="Print a source's events.")]
Help = Annotated[bool, typer.Option("--help-message", help="Print an executor's help.")]
Metadata = Annotated[bool, typer.Option("--metadata", help="Print what it says of itself.")]
Events = Annotated[int | None, typer.Option(min=1, show_default=False, help="End after so many.")]


@plugins_app.command(epilog='Example: botkube plugins run ./hello.py --command "hello Ann"')
def run(
    plugin: Plugin,
    command: Annotated[str | None, _unset("Run a command, the plugin's name first.")] = None,
    stream: Stream = False,
    external_request: Annotated[Path | None, _file("Make a webhook call with it.")] = None,
    help_message: Help = False,
    metadata: Metadata = False,
    config: Annotated[list[Path] | None, _file("Its configuration; may be repeated.")] = None,
    kubeconfig: Annotated[Path | None, _file("The kubeconfig that it gets.")] = None,
    events: Events = None,
    state_dir: StateDir = None,
    cache_dir: CacheDir = None,
    log_level: Level = "info",
    output: Output = "text",
) -> None:
    """Run one plugin by itself, through the real protocol.

    Replies are printed on stdout; output while a command runs, and the plugin's log, on stderr. With --output json each
    event is a line. One of the cache is proven first, as `botkube run` does it. Exits with 0 if the reply is good, 1 if it is not, 4 if the plugin does not start.
    """
    from botkube.cli.plugins.run import Options
    from botkube.cli.plugins.run import run as run_it

    options = Options(
        plugin=plugin,
        command=command,
        stream=stream,
        external_request=external_request,
        help_message=help_message,
        metadata=metadata,
        config=tuple(config or ()),
        kubeconfig=kubeconfig,
        events=events,
        state_dir=state_dir,
        cache_dir=cache_dir,
        log_level=log_level,
        output=output,
    )
    raise SystemExit(run_it(options))
