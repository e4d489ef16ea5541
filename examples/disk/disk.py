#!/usr/bin/env python3
"""The `disk` executor of Botkube: what fills a disk. Shows subcommands, live output, and a choice that goes on.

@Botkube disk usage
@Botkube disk top /var --number 3
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import msgspec
from botkube.sdk import (
    Arg,
    CommandParser,
    ExecuteInput,
    Executor,
    Message,
    UserError,
    code_block,
    message,
    override,
    run_command,
    section,
    select,
    selects,
    serve,
)
from msgspec import Meta

UNITS = ("KiB", "MiB", "GiB", "TiB")


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Configuration of `disk`."""

    folders: Annotated[
        tuple[str, ...], Meta(description="Folders that people may look into, with all below them.")
    ] = ("/",)


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """What both commands have."""

    path: Annotated[str, Meta(description="A folder."), Arg(positional=True)] = ""


class Usage(Command, frozen=True):
    """How full the disks are."""


class Top(Command, frozen=True):
    """Which folders are the largest."""

    number: Annotated[int, Meta(ge=1, le=50, description="How many."), Arg(short="n")] = 10


COMMANDS: CommandParser[Command] = CommandParser(
    "disk", Usage, Top, description="What fills a disk."
)


class Disk(Executor[Settings]):
    """Runs `df` and `du`."""

    name = "disk"
    version = "1.0.0"
    description = "Tells what fills a disk."
    streams_output = True

    @override
    async def execute(self, request: ExecuteInput, config: Settings) -> Message:
        """Run one of the commands, in a folder that the configuration allows."""
        command = COMMANDS.parse(request.command)
        folder = allowed_folder(command.path, config.folders)
        if isinstance(command, Top):
            return await top(request, folder, command.number)
        result = await run_command(["df", "-h", str(folder)])
        return code_block(result.checked().stdout)

    @override
    async def help(self) -> Message:
        """Show how the commands are used."""
        return code_block(COMMANDS.help())


async def top(request: ExecuteInput, folder: Path, number: int) -> Message:
    """Add up what is below a folder; `du` shows each part as it is done, which may take a while."""
    result = await run_command(
        ["du", "-k", "--one-file-system", "--max-depth=1", str(folder)], output=request.output
    )
    found = sorted(sizes(result.stdout, folder), reverse=True)[:number]
    if not found:
        raise UserError(f"there is no folder in {folder} that can be read")
    table = "\n".join(f"{shown(size):>10}  {path}" for size, path in found)
    if not request.interactive:
        return code_block(table)
    deeper = select("Look into", command="disk top", options=[f"'{path}'" for _, path in found])
    return message(section(f"Largest in {folder}", code=table, selects=selects("deeper", deeper)))


def sizes(table: str, folder: Path) -> Iterator[tuple[int, Path]]:
    """Read what `du` printed, without the sum of all."""
    for line in table.splitlines():
        size, _, name = line.partition("\t")
        if Path(name) != folder:
            yield int(size), Path(name)


def shown(kibibytes: float) -> str:
    """Return a size for people."""
    unit = 0
    while kibibytes >= 1024 and unit < len(UNITS) - 1:
        kibibytes /= 1024
        unit += 1
    return f"{kibibytes:.1f} {UNITS[unit]}"


def allowed_folder(path: str, folders: tuple[str, ...]) -> Path:
    """Return a folder that may be looked into, the first one if none is named.

    Raises:
        UserError: it is outside of all of them, or is no folder.
    """
    folder = Path(path or folders[0]).resolve()  # a link or `..` leads out of no folder
    if not any(folder.is_relative_to(Path(each).resolve()) for each in folders):
        raise UserError(f"{folder} may not be looked into: allowed are {', '.join(folders)}")
    if not folder.is_dir():
        raise UserError(f"{folder} is no folder")
    return folder


def main() -> None:
    """Be the plugin."""
    serve(Disk())


if __name__ == "__main__":
    main()
