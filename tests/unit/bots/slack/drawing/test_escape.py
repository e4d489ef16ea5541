"""Text to mrkdwn and back: log text does nothing in a channel, and a command is what was typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botkube.bots.slack.drawing.escape import (
    bold,
    code,
    described,
    escape,
    fence,
    inline,
    label,
    mrkdwn,
    said,
    unescape,
)

BOT = "<@UBOT>"


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("", ""),
        ("a & b < c > d", "a &amp; b &lt; c &gt; d"),
        (
            "<!channel> <!here|x> <!subteam^S1>",
            "&lt;!channel&gt; &lt;!here|x&gt; &lt;!subteam^S1&gt;",
        ),
        ("<@U1> <#C1>", "&lt;@U1&gt; &lt;#C1&gt;"),
        ("<https://evil.example|https://bank.example>", None),
        ("&lt;", "&amp;lt;"),
        ("100 %d %s %", "100 %d %s %"),
        ("a\r\nb\tc", "a\nb\tc"),
        ("\x1b[31mred\x00\x7f", "␛[31mred␀␡"),
        ("half \ud83d", "half \ufffd"),
    ],
)
def test_text_is_data(text: str, escaped: str | None) -> None:
    assert "<" not in escape(text)
    assert ">" not in escape(text)
    if escaped is not None:
        assert escape(text) == escaped


@given(st.text(st.characters(exclude_categories=("Cc", "Cs"))))
def test_escaping_is_undone_exactly(text: str) -> None:
    assert unescape(escape(text)) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("*bold* _it_ `c`", "*bold* _it_ `c`"),
        ("say {{BotName}} ping", "say <@UBOT> ping"),
        ("see https://x.org/a?b=1&c=2.", "see <https://x.org/a?b=1&amp;c=2>."),
        ("(https://x.org)", "(<https://x.org>)"),
        ("<https://x.org|y>", "&lt;<https://x.org>|y&gt;"),
        ("`https://x.org` https://y.org", "`https://x.org` <https://y.org>"),
        ("https://", "https://"),
        ("https://x/{{BotName}}", "<https://x/><@UBOT>"),
        ("https://x.org/" + "a" * 1000, "https://x.org/" + "a" * 1000),
    ],
)
def test_a_text_of_a_message(text: str, shown: str) -> None:
    assert mrkdwn(text, BOT) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("`ping` on `dev` by <@U1ABC>", "`ping` on `dev` by <@U1ABC>"),
        ("`x` by <@W1>", "`x` by <@W1>"),
        ("`echo <!channel>` by <@u1>", "`echo &lt;!channel&gt;` by &lt;@u1&gt;"),
    ],
)
def test_a_description_may_name_a_user(text: str, shown: str) -> None:
    assert described(text, BOT) == shown


def test_each_line_of_a_header_is_bold() -> None:
    assert bold("a <b>\n\n c ", BOT) == "*a &lt;b&gt;*\n\n*c*"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a < b", "`a &lt; b`"),
        ("a\nb", "```\na\nb\n```"),
        ("a`b", "```\na`b\n```"),
        ("{{BotName}} ping", "`<@UBOT> ping`"),
    ],
)
def test_inline_code(text: str, shown: str) -> None:
    assert inline(text, BOT) == shown


@pytest.mark.parametrize("ticks", range(1, 12))
def test_code_cannot_end_its_own_fence(ticks: int) -> None:
    lines = code(f"a\n{'`' * ticks}\n<!channel>\nb{'`' * ticks}", BOT)
    assert "```" not in lines
    assert lines.replace("\u200b", "") == f"a\n{'`' * ticks}\n&lt;!channel&gt;\nb{'`' * ticks}"
    assert fence(lines).count("```") == 2


@pytest.mark.parametrize(
    ("text", "limit", "shown"),
    [
        ("short", 5, "short"),
        ("shorts", 5, "shor…"),
        (" two\n lines ", 20, "two lines"),
        ("a&b", 7, "a&b"),
        ("a&b", 6, "a…"),
        ("🎉🎉", 4, "🎉🎉"),
        ("🎉🎉🎉", 5, "🎉🎉…"),
        ("🎉🎉🎉", 4, "🎉…"),
        ("", 5, ""),
    ],
)
def test_a_label_has_whole_characters_only(text: str, limit: int, shown: str) -> None:
    assert label(text, limit) == shown


@pytest.mark.parametrize(
    ("raw", "typed"),
    [
        (" get pods ", "get pods"),
        ("get &lt;x&gt; &amp;&amp; y", "get <x> && y"),
        ("&amp;lt;", "&lt;"),
        ("open <https://x.org/a?b=%20&amp;c#D>", "open https://x.org/a?b=%20&c#D"),
        ("open <http://x.org|x.org> now", "open x.org now"),
        ("<https://x.org|label>", "label"),
        ("mail <mailto:a@b.org|a@b.org> <mailto:c@d.org>", "mail a@b.org c@d.org"),
        ("in <#C1|general>", "in #general"),
        ("<!here> <!channel|channel>", "@here @channel"),
        ("to <@U1>", "to <@U1>"),
        ("echo “a” \u2018b\u2019", "echo \"a\" 'b'"),
        ("50% %s", "50% %s"),
        ("a &copy; b", "a &copy; b"),
    ],
)
def test_a_command_is_what_was_typed(raw: str, typed: str) -> None:
    assert said(raw) == typed
