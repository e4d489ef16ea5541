"""How a command ends."""

import pytest

from botkube.cli import exits


def test_fail_says_one_line_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        exits.fail(exits.UNREACHABLE, "nobody answers")
    assert caught.value.code == 4
    assert capsys.readouterr() == ("", "botkube: nobody answers\n")


def test_what_is_not_built_is_never_silent(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        exits.not_available("botkube reload")
    assert caught.value.code == 2
    assert "botkube reload is not available in this version" in capsys.readouterr().err
