"""No gate can hang: past its deadline a test fails, wherever it waits, and its program is killed."""

import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Protocol

import pytest

from tests.fakes.program import Program


class Launch(Protocol):
    """Starts a program with this configuration and these environment variables."""

    def __call__(self, config: str | None = None, **environ: str) -> Program: ...


DEADLINE = int(os.environ.get("GATE_DEADLINE", "270"))  # seconds of one test


def _late(_signum: int, _frame: FrameType | None) -> None:
    raise TimeoutError(f"the test took longer than {DEADLINE} s")


@pytest.fixture(autouse=True)
def deadline() -> Iterator[None]:
    before = signal.signal(signal.SIGALRM, _late)
    signal.alarm(DEADLINE)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short path (sockets want it short), named in everything a program starts."""
    with tempfile.TemporaryDirectory(prefix="bk-gate-", dir="/tmp") as path:
        yield Path(path)


@pytest.fixture
def launch(folder: Path) -> Iterator[Launch]:
    """Starts programs in the folder, each with its own configuration; ends them after the test."""
    started: list[Program] = []

    def start(config: str | None = None, **environ: str) -> Program:
        environ.setdefault("RUNTIME_DIRECTORY", str(folder / "run"))
        program = Program(folder, config, environ=environ)
        started.append(program)
        return program.start()

    yield start
    for program in started:
        program.close()
