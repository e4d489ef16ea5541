#!/usr/bin/env python3
"""The `watchfile` source of Botkube: an event for each new line of a file, such as a log. Shows a stream that waits for
something outside, a program that runs as long as the stream, and a configuration with a key that must be there.
"""

import re
from datetime import UTC, datetime
from typing import Annotated

import msgspec
from botkube.sdk import (
    Emit,
    Event,
    Output,
    Source,
    StreamInput,
    UserError,
    button,
    context,
    message,
    override,
    run_command,
    section,
    serve,
)
from msgspec import Meta


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Configuration of `watchfile`."""

    path: Annotated[str, Meta(description="The file; it may be replaced, or come later.")]
    pattern: Annotated[
        str, Meta(description="A regular expression that a line has to contain.")
    ] = ""
    existing: Annotated[bool, Meta(description="Report the lines that are there already.")] = False
    command: Annotated[str, Meta(description="What a button under each event runs.")] = ""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """An event as automations see it."""

    path: str
    text: str
    at: datetime


class WatchFile(Source[Settings]):
    """Follows the file with `tail -F`, which waits without looking again and again."""

    name = "watchfile"
    version = "1.0.0"
    description = "Reports new lines of a file."

    @override
    async def stream(self, request: StreamInput, config: Settings, emit: Emit) -> None:
        """Emit each line that matches, until the stream is closed."""
        pattern = compiled(config.pattern)
        lines = Lines()

        async def take(data: bytes) -> None:
            for text in lines.feed(data):
                if pattern.search(text):
                    line = Line(path=config.path, text=text, at=datetime.now(UTC))
                    await emit(event(line, config.command if request.interactive else ""))

        first = "+1" if config.existing else "0"
        argv = ["tail", "--silent", "-n", first, "-F", "--", config.path]
        result = await run_command(
            argv, output=Output(take), errors=Output(), clear_colours=False, limit=1000
        )
        raise UserError(f"tail ended: {result.stderr}")


class Lines:
    """Cuts what a program writes into whole lines."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[str]:
        """Return the lines that are complete with this."""
        *whole, self._rest = (self._rest + data).split(b"\n")
        return [line.decode(errors="replace") for line in whole]


def compiled(pattern: str) -> re.Pattern[str]:
    """Return the regular expression.

    Raises:
        UserError: it is none.
    """
    try:
        return re.compile(pattern)
    except re.error as error:
        raise UserError(
            f"pattern is {pattern!r}, which is no regular expression: {error}"
        ) from error


def event(line: Line, command: str) -> Event:
    """Return the event for a line; with a button where there is a command for it."""
    block = section(
        code=line.text,
        buttons=[button("Look", command=command, show_command=True)] if command else [],
        context=context(line.path),
    )
    return Event(message=message(block, at=line.at), raw=line, labels={"kind": "line"})


def main() -> None:
    """Be the plugin."""
    serve(WatchFile())


if __name__ == "__main__":
    main()
