"""`botkube plugins new`: writes a project."""

import json
from pathlib import Path
from typing import Literal

import msgspec

from botkube.cli import exits
from botkube.cli.plugins.scaffold import File, Kind, project


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """The command line of `plugins new`."""

    kind: Kind
    name: str
    folder: Path | None = None
    output: Literal["text", "json"] = "text"


def new(options: Options) -> int:
    """Write the project into a new or empty folder; returns the exit code."""
    folder = options.folder or Path(options.name)
    try:
        files = tuple(project(options.kind, options.name))
    except ValueError as error:
        exits.fail(exits.USAGE, str(error))
    try:
        if folder.exists() and any(folder.iterdir()):
            exits.fail(exits.FAILED, f"{folder} is not empty: name another folder with --dir")
        for file in files:
            _write(folder / file.path, file)
    except OSError as error:
        exits.fail(exits.FAILED, f"cannot write {error.filename}: {error.strerror}")
    _tell(options, folder, files)
    return exits.OK


def _write(path: Path, file: File) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(file.text, "utf-8")
    if file.executable:
        path.chmod(0o755)


def _tell(options: Options, folder: Path, files: tuple[File, ...]) -> None:
    if options.output == "json":
        print(json.dumps({"dir": str(folder), "files": [file.path for file in files]}))
        return
    print(f"The {options.kind} {options.name} is in {folder}:")
    for file in files:
        print(f"  {file.path}")
    print("Its README.md tells how to test, try and package it.")
