"""How far installs are, as lines; bars are tried on a terminal in tests/real/cli/test_progress.py."""

import json

import pytest

from botkube.app.orders.steps import Stage, Step
from botkube.cli.plugins.steps import print_done, shown


def step(stage: Stage, text: str = "", done: int = 0, total: int = 0) -> Step:
    return Step(plugin="executor r/p", stage=stage, text=text, done=done, total=total)


def test_a_line_for_each_stage(capsys: pytest.CaptureFixture[str]) -> None:
    with shown() as show:
        show(step("waiting", "waiting: another installer (pid 1) is at work"))
        show(step("index", "reading the index"))
        for done in range(3):
            show(step("downloading", f"downloading {done} %", done=done, total=3 << 19))
        show(step("done", "v1 is installed"))
        show(Step(plugin="executor r/q", stage="downloading", text="downloading, 0 MiB so far"))
        show(Step(plugin="executor r/q", stage="failed", text="no\nserver \x1b[31manswers"))
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "executor r/p: waiting: another installer (pid 1) is at work",
        "executor r/p: reading the index",
        "executor r/p: downloading 1.5 MiB",
        "executor r/q: downloading",
        "botkube: executor r/q: no server answers",
    ]


def test_what_was_done_is_printed_without_what_drives_a_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    steps = [step("done", "v1\x1b[31m\nis installed"), step("failed", "no server")]
    print_done(steps, as_json=False)
    assert capsys.readouterr().out == "executor r/p: v1 is installed\n"
    print_done(steps, as_json=True)
    assert [each["stage"] for each in json.loads(capsys.readouterr().out)] == ["done", "failed"]


def test_the_last_one_ends_it() -> None:
    assert [step(stage).ends for stage in ("waiting", "done", "failed", "refused")] == [
        False,
        True,
        True,
        True,
    ]
