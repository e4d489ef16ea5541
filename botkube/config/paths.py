"""Which files make up the configuration, and in which order."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

PATHS_VARIABLE = "BOTKUBE_CONFIG_PATHS"


def resolve_paths(cli_paths: Sequence[str | Path], environ: Mapping[str, str]) -> tuple[Path, ...]:
    """Return the files to load: those of the environment if it names any, else those of the command line.

    A folder stands for its `*.yaml` files, sorted; one without any stays, so that loading can complain about it.
    """
    named = named_paths(cli_paths, environ)
    return last_ones_last([file for path in named for file in _expand(path)])


def named_paths(cli_paths: Sequence[str | Path], environ: Mapping[str, str]) -> tuple[Path, ...]:
    """Return the files and folders that are named, as they are named."""
    return tuple(_split([environ.get(PATHS_VARIABLE, "")]) or _split(map(str, cli_paths)))


def last_ones_last(files: Iterable[Path]) -> tuple[Path, ...]:
    """Put files whose base name starts with `_` after the others; both keep their order."""
    return tuple(sorted(files, key=lambda file: file.name.startswith("_")))


def _split(texts: Iterable[str]) -> list[Path]:
    parts = (part.strip() for text in texts for part in text.split(","))
    return [Path(part) for part in parts if part]


def _expand(path: Path) -> list[Path]:
    try:
        return sorted(path.glob("*.yaml")) or [path] if path.is_dir() else [path]
    except OSError:
        return [path]
