import pytest

from botkube.runtime.terminal import without_controls


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("a\x00b\rc\x7f\x9bd", "abcd"),
        ("two\n\tlines", "two\n\tlines"),
        ("e\u0301 👩‍🔧 \u202e", "e\u0301 👩‍🔧 \u202e"),
    ],
)
def test_only_what_drives_a_terminal_is_dropped(text: str, plain: str) -> None:
    assert without_controls(text) == plain
