"""The command line: what each command takes. What they do is imported when they run."""

from typing import Annotated, Literal

import typer

from botkube.cli.exits import not_available
from botkube.cli.options import Configs, Output, StateDir
from botkube.cli.plugins.manage import packages_app
from botkube.cli.plugins.publish import publish_app
from botkube.cli.plugins.write import plugins_app
from botkube.cli.slack import slack_app

Level = Literal["trace", "debug", "info", "warning", "error", "fatal"]

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="ChatOps for Kubernetes: connects chat platforms to executor and source plugins.",
    epilog="Example: botkube run   (without a configuration: a chat in the browser to try it with)",
)
config_app = typer.Typer(no_args_is_help=True, help="Look at a configuration.")
plugin_app = typer.Typer(no_args_is_help=True, hidden=True)
outbox_app = typer.Typer(
    no_args_is_help=True, hidden=True, help="Notifications that wait or were given up."
)
app.add_typer(config_app, name="config")
plugins_app.add_typer(packages_app)
plugins_app.add_typer(publish_app)
app.add_typer(plugins_app, name="plugins")
app.add_typer(slack_app, name="slack")
app.add_typer(plugin_app, name="plugin")
app.add_typer(outbox_app, name="outbox")


@app.callback()
def common(
    no_color: Annotated[bool, typer.Option("--no-color", help="Plain output.")] = False,
) -> None:
    """Options of every command."""
    if no_color:
        import os

        os.environ["NO_COLOR"] = "1"


@app.command(epilog="Example: botkube run --config ./botkube.yaml --listen 127.0.0.1:0")
def run(
    config: Configs = None,
    state_dir: StateDir = None,
    listen: Annotated[
        str, typer.Option(metavar="HOST:PORT", help="Where to listen; port 0: any free one.")
    ] = "",
    open_: Annotated[bool, typer.Option("--open", help="Open the chat in the browser.")] = False,
    log_format: Annotated[Literal["text", "json"] | None, typer.Option()] = None,
    log_level: Annotated[Level | None, typer.Option()] = None,
) -> None:
    """Run the program until it is told to stop.

    Without a configuration: a chat in the browser with an executor and a source to try.
    """
    from botkube.cli.run import Options
    from botkube.cli.run import run as run_it

    raise SystemExit(
        run_it(
            Options(
                config=tuple(config or ()),
                state_dir=state_dir,
                listen=listen,
                open=open_,
                log_format=log_format,
                log_level=log_level or "",
            )
        )
    )


# The first word begins the command: what follows, options included, belongs to it.
@app.command(
    epilog="Example: botkube chat echo hello --filter ell",
    context_settings={"allow_interspersed_args": False},
)
def chat(
    command: Annotated[
        list[str] | None, typer.Argument(help="One command; none: a prompt.")
    ] = None,
    url: Annotated[str, typer.Option(help="The instance; default: the one running here.")] = "",
    token: Annotated[str, typer.Option(help="Its token.", envvar="BOTKUBE_TOKEN")] = "",
    channel: Annotated[str, typer.Option(help="Default: the first channel.")] = "",
    user: Annotated[str, typer.Option(help="Who you are.")] = "you",
    timeout: Annotated[float, typer.Option(min=0, help="Seconds to wait for a reply.")] = 30.0,
    output: Output = "text",
    state_dir: StateDir = None,
) -> None:
    """Talk to a running instance from the terminal.

    Exits with 0 if the reply is ok, 1 if it is not, 4 if none came.
    """
    from botkube.cli.chat import Options
    from botkube.cli.chat import run as run_it

    raise SystemExit(
        run_it(
            Options(
                command=None if command is None else " ".join(command),
                url=url,
                token=token,
                channel=channel,
                user=user,
                timeout=timeout,
                output=output,
                state_dir=state_dir,
            )
        )
    )


@app.command(epilog="Example: botkube version --output json")
def version(output: Output = "text") -> None:
    """Print the version."""
    from botkube.cli.version import print_version

    print_version(output)


def _platforms(incomplete: str) -> list[str]:
    from botkube.app.doctor import known

    return [name for name in known() if name.startswith(incomplete)]


@app.command(epilog="Example: botkube doctor slack --config ./botkube.yaml")
def doctor(
    platform: Annotated[
        str,
        typer.Argument(
            metavar="[PLATFORM]",
            help="slack; default: all that are known.",
            autocompletion=_platforms,
        ),
    ] = "",
    config: Configs = None,
    state_dir: StateDir = None,
    output: Output = "text",
) -> None:
    """Look whether platforms are set up well, and say what to click or type to mend them.

    Without --config it is that of the running instance. Exits with 1 if something does not work.
    """
    from botkube.cli.doctor import Options
    from botkube.cli.doctor import doctor as run_it

    options = Options(
        platform=platform, config=tuple(config or ()), state_dir=state_dir, output=output
    )
    raise SystemExit(run_it(options))


@config_app.command(epilog="Example: botkube config check --config ./botkube.yaml")
def check(
    config: Configs = None,
    output: Annotated[Literal["text", "json", "github"], typer.Option()] = "text",
) -> None:
    """Say everything that is wrong with a configuration; exits with 3 if it cannot be used."""
    from botkube.cli.config import check as run_it

    raise SystemExit(run_it(tuple(config or ()), output))


@plugin_app.command()
def serve(name: str) -> None:
    """Be a built-in plugin; started by the program itself."""
    from botkube.cli.plugin import serve as run_it

    run_it(name)


def _later(parent: typer.Typer, group: str, name: str) -> None:
    """A command that is named already and built later: it says so and exits with 2."""
    anything = {"allow_extra_args": True, "ignore_unknown_options": True}

    @parent.command(name, hidden=True, context_settings=anything)
    def command() -> None:
        not_available(" ".join(filter(None, ("botkube", group, name))))


for _parent, _group, _names in (
    (app, "", ("status", "reload")),
    (config_app, "config", ("show", "schema", "explain", "replay", "init")),
    (outbox_app, "outbox", ("list", "show", "retry", "drop")),
):
    for _name in _names:
        _later(_parent, _group, _name)
