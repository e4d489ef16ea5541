"""`botkube slack …`: what people need who set Slack up. What a command does is imported when it runs."""

from typing import Annotated, Literal

import typer

slack_app = typer.Typer(no_args_is_help=True, help="Set up the app for Slack.")


@slack_app.command(
    epilog="Example: botkube slack manifest --history > manifest.yaml"
    "   (paste it at https://api.slack.com/apps: Create New App, From a manifest)"
)
def manifest(
    name: Annotated[str, typer.Option(help="What the app and its bot are called.")] = "Botkube",
    history: Annotated[
        bool,
        typer.Option("--history", help="Also read what was said while Botkube was disconnected."),
    ] = False,
    triggers: Annotated[
        bool, typer.Option("--triggers", help="Also read plain messages, for messageTriggers.")
    ] = False,
    slash: Annotated[
        str, typer.Option(metavar="/WORD", help="Also a slash command.", show_default=False)
    ] = "",
    output: Annotated[Literal["yaml", "json"], typer.Option()] = "yaml",
) -> None:
    """Print the manifest of the Slack app, to paste where Slack makes apps.

    At https://api.slack.com/apps: Create New App, From a manifest. Paste it there.

    Basic Information, App-Level Tokens, scope connections:write: that is appToken.

    OAuth & Permissions, Install to Workspace: that is botToken.

    An app that is there already takes it under App Manifest; then install it again.
    """
    from botkube.cli.slack_manifest import print_manifest

    print_manifest(name, output, history=history, triggers=triggers, slash=slash)
