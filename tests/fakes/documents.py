"""Does what a document says: writes the files that it shows, runs its commands and compares what they print.

In the info string of a fenced block: `python NAME` and `yaml NAME` are files; `console` has commands, each after `$ `,
with their output, where `…` stands for anything; a command without output has to end well. `console background` goes on
until the end. Others are not run.
"""

import os
import re
import signal
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from subprocess import Popen  # noqa: TID251 - what goes on beside the rest
from typing import TypeAlias

import msgspec

_BLOCK = re.compile(r"^```(\w+)(?: ([^\n]+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)
_PATIENCE = 300

Running: TypeAlias = "Popen[str]"


class Block(msgspec.Struct, frozen=True):
    """One fenced block."""

    kind: str
    rest: str
    text: str


def blocks(document: Path) -> list[Block]:
    """Every fenced block that says what it is."""
    return [Block(*found) for found in _BLOCK.findall(document.read_text("utf-8"))]


def commands(block: Block) -> Iterator[tuple[str, str]]:
    """Each command of a console block, and what it is to print."""
    yield from _COMMAND.findall(block.text)


def follow(document: Path, folder: Path, environ: Mapping[str, str]) -> int:
    """Do everything in its order; the number of commands."""
    background: list[Running] = []
    done = 0
    try:
        for block in blocks(document):
            if block.kind == "console":
                for command, expected in commands(block):
                    done += 1
                    if block.rest == "background":
                        background.append(_start(command, expected, folder, environ))
                    else:
                        _run(command, expected, folder, environ)
            elif block.rest:
                (folder / block.rest).write_text(block.text, "utf-8")
    finally:
        for process in background:
            _stop(process)
    return done


def check(command: str, expected: str, printed: str) -> None:
    """Compare what was printed with what the document says."""
    pattern = "\n".join(
        ".*" if line == "…" else ".*".join(map(re.escape, line.split("…")))
        for line in expected.rstrip().splitlines()
    )
    assert re.fullmatch(pattern, printed.rstrip(), re.DOTALL), (
        f"$ {command}\n--- the document says\n{expected}\n--- it printed\n{printed}"
    )


def _run(command: str, expected: str, folder: Path, environ: Mapping[str, str]) -> None:
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=_PATIENCE,
    )
    if expected.strip():
        check(command, expected, done.stdout)
    else:
        assert done.returncode == 0, f"$ {command}\n{done.stdout}"


def _start(command: str, expected: str, folder: Path, environ: Mapping[str, str]) -> Running:
    """Start what goes on, and wait for the line that it prints when it is up."""
    with (folder / "background.log").open("w") as log:
        process = Popen(
            ["bash", "-c", f"exec timeout {_PATIENCE} {command}"],
            cwd=folder,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
        )
    assert process.stdout is not None
    try:
        check(command, expected, process.stdout.readline())
    except AssertionError:
        _stop(process)
        raise
    return process


def _stop(process: Running) -> None:
    with process:
        process.terminate()
        try:
            process.wait(30)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
