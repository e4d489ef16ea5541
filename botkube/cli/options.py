"""Options that several commands take. What is said of one command only stands at that command."""

from pathlib import Path
from typing import Annotated, Literal

import typer

Output = Annotated[Literal["text", "json"], typer.Option("--output")]
Configs = Annotated[
    list[Path] | None,
    typer.Option("--config", "-c", help="A file, or a folder of *.yaml; may be repeated."),
]
# Another user's directory is told by what is in it.
StateDir = Annotated[
    Path | None,
    typer.Option("--state-dir", readable=False, help="Where state is kept.", show_default=False),
]
CacheDir = Annotated[
    Path | None,
    typer.Option(
        "--cache-dir", readable=False, help="Where plugins are cached.", show_default=False
    ),
]
