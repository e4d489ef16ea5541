"""How far installs are: a line for each stage, or bars on a terminal; all of it on stderr."""

import os
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager

import msgspec

from botkube.app.orders.steps import Show, Step
from botkube.cli import exits
from botkube.packages.progress import size_text
from botkube.runtime.terminal import without_controls


def exit_code(steps: Sequence[Step]) -> int:
    """Return what a command ends with: 1 if something was not done, 4 if all of that is not there at all."""
    undone = [step for step in steps if step.stage != "done"]
    if not undone:
        return exits.OK
    return exits.UNREACHABLE if all(step.unknown for step in undone) else exits.FAILED


@contextmanager
def shown(*, quiet: bool = False) -> Generator[Show]:
    """Show what it is given: with bars where stderr is a terminal; `quiet`: only what went wrong."""
    if quiet or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield _Lines(quiet=quiet).show
    else:
        with _bars() as show:
            yield show


class _Lines:
    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._stages: dict[str, str] = {}

    def show(self, step: Step) -> None:
        """Print a stage when it begins."""
        if self._stages.get(step.plugin) == step.stage:
            return
        self._stages[step.plugin] = step.stage
        if step.stage in {"failed", "refused"}:
            print_problem(step)
        elif not self._quiet and step.stage != "done":
            print(without_controls(f"{step.plugin}: {_begin(step)}"), file=sys.stderr, flush=True)


def _begin(step: Step) -> str:
    if step.stage != "downloading":
        return step.text or step.stage
    return f"downloading {size_text(step.total)}" if step.total else "downloading"


def print_done(steps: Sequence[Step], *, as_json: bool) -> None:
    """Print on stdout what was done: a line for each plugin, or all steps as one document."""
    if as_json:
        print(msgspec.json.encode(steps).decode())
        return
    for step in steps:
        if step.stage == "done":
            print(one_line(step))


def print_problem(step: Step) -> None:
    """Say in one line why something was not done."""
    print(f"botkube: {one_line(step)}", file=sys.stderr, flush=True)


def one_line(step: Step) -> str:
    """Return what is told of a plugin, on one line and without what drives a terminal."""
    told = step.text or step.version or step.stage
    return " ".join(without_controls(f"{step.plugin}: {told}").split())


@contextmanager
def _bars() -> Generator[Show]:
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        DownloadColumn(binary_units=True),
        TextColumn("{task.fields[text]}", markup=False),
    )
    bars = Progress(*columns, console=Console(stderr=True, highlight=False), transient=True)
    rows: dict[str, TaskID] = {}

    def show(step: Step) -> None:
        row = rows.get(step.plugin)
        if row is None:
            name = without_controls(step.plugin)
            row = rows[step.plugin] = bars.add_task(name, total=None, text="")
        text = "" if step.stage == "downloading" else without_controls(step.text)
        if step.total:
            bars.update(row, completed=step.done, total=step.total, text=text)
        else:
            bars.update(row, text=step.stage if step.ends else text)
        if step.stage in {"failed", "refused"}:
            bars.console.print(f"botkube: {one_line(step)}", markup=False, soft_wrap=True)

    with bars:
        yield show
