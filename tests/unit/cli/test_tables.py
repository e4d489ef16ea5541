"""Tables, for a pipe and for a terminal."""

import pytest

from botkube.cli.tables import print_table, table

ROWS = [("r/p", "ok", "a long\n text\x1b[31m indeed"), ("r/longer", "missing", "")]


def test_columns_are_aligned_and_clean() -> None:
    assert table(("NAME", "HEALTH", "TEXT"), ROWS) == [
        "NAME      HEALTH   TEXT",
        "r/p       ok       a long text indeed",
        "r/longer  missing",
    ]
    assert table(("A", "B"), []) == ["A  B"]


def test_the_last_column_is_cut_to_the_width() -> None:
    assert table(("A", "B"), [("x", "y" * 50)], width=30)[1] == f"x  {'y' * 26}…"


def test_where_it_is_narrow_the_last_column_is_whole_below_and_empty_ones_are_left_out() -> None:
    rows = [("r/plugin-name", "executor", "-", "the plugin went away"), ("r/p", "source", "-", "")]
    header = ("PLUGIN", "KIND", "UPDATE", "REASON")
    assert table(header, rows, width=30) == [
        "PLUGIN         KIND",
        "r/plugin-name  executor",
        "  the plugin went away",
        "r/p            source",
    ]
    wrapped = table(header, [("r/plugin-name", "executor", "-", "many words " * 5)], width=30)
    assert wrapped[2:] == ["  many words many words many", "  words many words many words"]
    assert table(header, rows, width=50)[1] == "r/plugin-name  executor  the plugin went away"
    assert table(header, [("p", "source", "-", "")], width=10) == [
        "PLUGIN  KIND",
        "p       source",
    ]


def test_colours_take_no_room() -> None:
    lines = table(("NAME", "HEALTH", "TEXT"), ROWS, colours=True)
    assert lines[0] == "\x1b[1mNAME\x1b[0m      \x1b[1mHEALTH\x1b[0m   \x1b[1mTEXT\x1b[0m"
    assert lines[1] == "r/p       \x1b[32mok\x1b[0m       a long text indeed"


def test_a_pipe_gets_plain_text(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("NAME", "HEALTH", "TEXT"), ROWS)
    assert capsys.readouterr().out.splitlines() == table(("NAME", "HEALTH", "TEXT"), ROWS)
