"""`botkube plugins …` for plugins of repositories: what each command takes. What they do is imported when they run."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from botkube.cli.options import CacheDir, Output, StateDir
from botkube.cli.plugins.write import complete

if TYPE_CHECKING:
    from botkube.cli.plugins.local import Where

packages_app = typer.Typer()
Configs = Annotated[
    list[Path] | None,
    typer.Option(
        "--config",
        "-c",
        help="A file, or a folder of *.yaml; may be repeated. With it no running instance is asked.",
    ),
]


_WHICH = "REPOSITORY/NAME, also with @VERSION, or executor|source before it in quotes."
Key = Annotated[str, typer.Argument(metavar="KEY", help=_WHICH, autocompletion=complete)]
Keys = Annotated[
    list[str] | None, typer.Argument(metavar="[KEY…]", help=_WHICH, autocompletion=complete)
]


def where_of(
    config: list[Path] | None,
    state_dir: Path | None,
    cache_dir: Path | None,
    output: Literal["text", "json"],
) -> "Where":
    """Return what the options say of where things are."""
    from botkube.cli.plugins.local import Where

    return Where(
        config=tuple(config or ()), state_dir=state_dir, cache_dir=cache_dir, output=output
    )


@packages_app.command("list", epilog="Example: botkube plugins list --config botkube.yaml")
def list_(
    config: Configs = None,
    state_dir: StateDir = None,
    cache_dir: CacheDir = None,
    output: Output = "text",
) -> None:
    """Show what is enabled, installed and built in; of a running instance, how it is, too."""
    from botkube.cli.plugins.list import list_plugins

    raise SystemExit(list_plugins(where_of(config, state_dir, cache_dir, output)))


@packages_app.command(epilog="Example: botkube plugins search kubectl --config botkube.yaml")
def search(
    text: Annotated[
        list[str] | None, typer.Argument(metavar="[TEXT…]", help="Words of name and description.")
    ] = None,
    config: Configs = None,
    state_dir: StateDir = None,
    cache_dir: CacheDir = None,
    output: Output = "text",
) -> None:
    """Show what the repositories of the configuration offer.

    Exits with 4 if nothing matches. Where no server answers, what it said last is searched.
    """
    from botkube.cli.plugins.search import search as run_it

    where = where_of(config, state_dir, cache_dir, output)
    raise SystemExit(run_it(where, " ".join(text or ())))


@packages_app.command(epilog="Example: botkube plugins info botkube/kubectl")
def info(
    key: Key,
    config: Configs = None,
    state_dir: StateDir = None,
    cache_dir: CacheDir = None,
    output: Output = "text",
) -> None:
    """Tell everything about a plugin: where it comes from, what it may do, how it is configured."""
    from botkube.cli.plugins.info import info as run_it

    raise SystemExit(run_it(where_of(config, state_dir, cache_dir, output), key))


@packages_app.command(epilog="Example: botkube plugins install botkube/kubectl@v1.2.0")
def install(
    keys: Keys = None,
    bundle: Annotated[
        Path | None,
        typer.Option(
            "--from",
            exists=True,
            metavar="DIR|FILE.tar",
            show_default=False,
            help="From a bundle of `plugins vendor`, without a network.",
        ),
    ] = None,
    config: Configs = None,
    state_dir: StateDir = None,
    cache_dir: CacheDir = None,
    output: Output = "text",
) -> None:
    """Install plugins; without a key all that the configuration enables.

    A running instance does it and starts them at once. Exits with 1 if one could not be installed.
    """
    from botkube.cli.plugins.install import carry_out

    where = where_of(config, state_dir, cache_dir, output)
    if bundle is not None:
        from botkube.cli.plugins.vendor import install_from

        raise SystemExit(install_from(where, bundle, keys or ()))
    raise SystemExit(carry_out(where, "install", keys or ()))


@packages_app.command(epilog="Example: botkube plugins update --roll-back botkube/kubectl")
def update(
    keys: Keys = None,
    roll_back: Annotated[
        bool, typer.Option("--roll-back", help="Go back to the version before.")
    ] = False,
    config: Configs = None,
    state_dir: StateDir = None,
    cache_dir: CacheDir = None,
    output: Output = "text",
) -> None:
    """Install the newest versions that the keys allow; without a key of all that are enabled."""
    from botkube.cli.exits import USAGE, fail
    from botkube.cli.plugins.install import carry_out

    if roll_back and not keys:
        fail(USAGE, "--roll-back: name the plugins")
    where = where_of(config, state_dir, cache_dir, output)
    raise SystemExit(carry_out(where, "rollback" if roll_back else "update", keys or ()))


@packages_app.command(epilog="Example: botkube plugins remove botkube/kubectl")
def remove(
    keys: Annotated[
        list[str], typer.Argument(metavar="KEY…", help=_WHICH, autocompletion=complete)
    ],
    config: Configs = None,
    state_dir: StateDir = None,
    cache_dir: CacheDir = None,
    output: Output = "text",
) -> None:
    """Remove plugins from the lock file and the cache."""
    from botkube.cli.plugins.install import carry_out

    raise SystemExit(carry_out(where_of(config, state_dir, cache_dir, output), "remove", keys))


@packages_app.command(epilog="Example: botkube plugins verify --output json")
def verify(
    keys: Keys = None,
    config: Configs = None,
    state_dir: StateDir = None,
    cache_dir: CacheDir = None,
    output: Output = "text",
) -> None:
    """Read every installed file and compare it with the lock file; exits with 1 if one differs."""
    from botkube.cli.plugins.verify import verify as run_it

    raise SystemExit(run_it(where_of(config, state_dir, cache_dir, output), keys or ()))


@packages_app.command(epilog="Example: botkube plugins logs botkube/kubectl -f")
def logs(
    key: Key,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what comes.")] = False,
    lines: Annotated[
        int, typer.Option("--lines", "-n", min=0, help="How many to begin with.")
    ] = 50,
    state_dir: StateDir = None,
    output: Output = "text",
) -> None:
    """Show what a plugin of the running instance logged; exits with 4 if none runs."""
    from botkube.cli.plugins.logs import logs as run_it

    where = where_of(None, state_dir, None, output)
    raise SystemExit(run_it(where, key, lines, on=follow))
