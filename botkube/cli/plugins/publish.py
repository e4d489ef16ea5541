"""`botkube plugins vendor` and `plugins index build`: what they take. What they do is imported when they run."""

from pathlib import Path
from typing import Annotated

import typer

from botkube.cli.options import CacheDir, Output, StateDir
from botkube.cli.plugins.manage import Configs, Keys, where_of

publish_app = typer.Typer()
index_app = typer.Typer(no_args_is_help=True, help="Make an index of plugins.")
publish_app.add_typer(index_app, name="index")


@publish_app.command(epilog="Example: botkube plugins vendor -o plugins.tar --config botkube.yaml")
def vendor(
    target: Annotated[
        Path, typer.Option("-o", "--output-path", metavar="DIR|FILE.tar", help="The bundle.")
    ],
    keys: Keys = None,
    platform: Annotated[
        list[str] | None,
        typer.Option(
            metavar="OS/ARCH",
            show_default=False,
            help="For which machine; may be repeated. Default: for this one.",
        ),
    ] = None,
    config: Configs = None,
    state_dir: StateDir = None,
    cache_dir: CacheDir = None,
    output: Output = "text",
) -> None:
    """Put plugins with all that they need into a bundle, for `plugins install --from` without a network.

    Without a key all that the configuration enables, in the versions that are locked.
    """
    from botkube.cli.plugins.vendor import Request
    from botkube.cli.plugins.vendor import vendor as run_it

    where = where_of(config, state_dir, cache_dir, output)
    request = Request(target=target, keys=tuple(keys or ()), platforms=tuple(platform or ()))
    raise SystemExit(run_it(where, request))


Target = Annotated[Path, typer.Option("-o", "--output-path", metavar="FILE", help="The index.")]
Base = Annotated[
    str,
    typer.Option(
        metavar="URL",
        envvar="PLUGIN_DOWNLOAD_URL_BASE_PATH",
        show_default=False,
        help="Where the files will be; default: where they are, seen from the index.",
    ),
]
SignKey = Annotated[
    Path | None,
    typer.Option(
        exists=True,
        dir_okay=False,
        metavar="FILE",
        show_default=False,
        help="Sign it with this secret key of minisign.",
    ),
]
Archive = Annotated[bool, typer.Option(help="List archives, and make those that are missing.")]
Filter = Annotated[
    str, typer.Option(metavar="RE", show_default=False, help="Only plugins with such a name.")
]
Checksums = Annotated[
    bool, typer.Option("--dependency-checksums", help="Download dependencies to list theirs.")
]
Keep = Annotated[
    bool, typer.Option("--keep", help="Keep the other versions that are in the index already.")
]


@index_app.command(epilog="Example: botkube plugins index build plugin-dist --sign-key my.key")
def build(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the plugins are.")],
    target: Target = Path("plugins-index.yaml"),
    url_base_path: Base = "",
    sign_key: SignKey = None,
    archive: Archive = True,
    plugin_name_filter: Filter = "",
    dependency_checksums: Checksums = False,
    keep: Keep = False,
    output: Output = "text",
) -> None:
    """Make the index of a folder of plugins named KIND_NAME_OS_ARCHITECTURE.

    Each plugin is started once, to ask it for its metadata. The password of a key is taken from BOTKUBE_SIGN_PASSWORD,
    or asked for.
    """
    from botkube.cli.plugins.index import Options
    from botkube.cli.plugins.index import build as run_it

    options = Options(
        folder=folder,
        target=target,
        base=url_base_path,
        sign_key=sign_key,
        archive=archive,
        name_filter=plugin_name_filter,
        dependency_checksums=dependency_checksums,
        keep=keep,
        output=output,
    )
    raise SystemExit(run_it(options))
