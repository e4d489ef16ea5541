"""The command language, as a table of what users type."""
# ruff: noqa: RUF001 - curly quotes are what chat programs make of straight ones

import string
import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botkube.engine.commands.parse import (
    UnreadableCommand,
    expand_alias,
    parse_command,
    sanitise,
    take_flags,
)

ALIASES = {
    "kc": "kubectl",
    "k": "kubectl",
    "k get": "kubectl get pods",
    "kv": "kubectl version --filter=3",
}


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("  ping \n", "ping"),
        ("echo “a” ‘b’", "echo \"a\" 'b'"),
        ("what’s up", "what's up"),
        ("get <http://botkube.io>", "get http://botkube.io"),
        ("get <https://botkube.io|botkube.io>", "get botkube.io"),
        ("get <https://x.io/A?b=C#d%20:1|text here>", "get text here"),
        ("get <https://X.io:8080/a>", "get https://X.io:8080/a"),
        ("get <https://x.io|>", "get https://x.io"),
        ("two <http://a.b> and <http://c.d|c.d>", "two http://a.b and c.d"),
        ("mail <mailto:a@b.c|a@b.c>", "mail <mailto:a@b.c|a@b.c>"),
        ("a < b > c", "a < b > c"),
        ("get pods &amp;", "get pods &amp;"),  # entities are the platform's business
        ("", ""),
    ],
)
def test_what_chat_programs_do_is_undone(typed: str, text: str) -> None:
    assert sanitise(typed) == text


@pytest.mark.parametrize(
    ("typed", "expanded"),
    [
        ("kc get po", "kubectl get po"),
        ("kc", "kubectl"),
        ("k get", "kubectl get pods"),  # the longest wins
        ("k get -A", "kubectl get pods -A"),
        ("k getx", "kubectl getx"),
        ("kc  two  blanks", "kubectl  two  blanks"),
        ("KC get", "KC get"),
        ("kc-kubectl get", "kc-kubectl get"),
        ("kc\nget", "kc\nget"),
        ("kc\tget", "kc\tget"),
        ("get kc", "get kc"),
        ("k kc", "kubectl kc"),  # once, not again
    ],
)
def test_an_alias_at_the_start_is_expanded_once(typed: str, expanded: str) -> None:
    assert expand_alias(typed, ALIASES) == expanded


@pytest.mark.parametrize(
    ("typed", "text", "values"),
    [
        (
            'kubectl get po -A --filter="before after" --cluster-name=cluster-a1',
            "kubectl get po -A",
            {"filter": "before after", "cluster-name": "cluster-a1"},
        ),
        (
            "@botkube kc get po --cluster-name foo -n default",
            "@botkube kc get po -n default",
            {"cluster-name": "foo"},
        ),
        ("ping --all-clusters", "ping", {"all-clusters": "true"}),
        ("x --bk-cmd-header='List pods' y", "x y", {"bk-cmd-header": "List pods"}),
        ('x --filter "a b"', "x", {"filter": "a b"}),
        ("x --filter 'a b'", "x", {"filter": "a b"}),
        ("x --filter=a|b", "x", {"filter": "a|b"}),
        ("x --filter=", "x", {"filter": ""}),
        ("x --filter=-v", "x", {"filter": "-v"}),
        ("x --filter=a\\ b", "x", {"filter": "a b"}),
        ('x --filter="say \\"hi\\""', "x", {"filter": 'say "hi"'}),
        ("--filter=foo list executors", " list executors", {"filter": "foo"}),
        ("x  --cluster-name=y", "x", {"cluster-name": "y"}),
        ("x -- --filter=kept", "x -- --filter=kept", {}),
        ("x --filter=a -- --filter=b", "x -- --filter=b", {"filter": "a"}),
        ('x "--filter=quoted"', 'x "--filter=quoted"', {}),
        ("x a--filter=b", "x a--filter=b", {}),
        ("x --filtered=b --unknown c", "x --filtered=b --unknown c", {}),
        ("x -f --help=zzz -h", "x -f --help=zzz -h", {}),
        ("echo 'kept  as'   is\n two", "echo 'kept  as'   is\n two", {}),
    ],
)
def test_flags_are_taken_out_wherever_they_stand(
    typed: str, text: str, values: dict[str, str]
) -> None:
    assert take_flags(typed) == (text, values)


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("x --filter", "incorrect use of --filter flag: flag needs an argument: --filter"),
        (
            "x --filter -v",
            (
                "incorrect use of --filter flag: an argument is missing. "
                'use --filter="value" or --filter value'
            ),
        ),
        ("x --cluster-name --filter=a", "incorrect use of --cluster-name flag: an argument is"),
        ("x --filter=a --filter=b", "found more than one filter flag"),
        ("x --all-clusters --all-clusters", "found more than one all-clusters flag"),
        ('echo "open', 'quotes do not match: " is not closed'),
        ("echo 'a' \"b", 'quotes do not match: " is not closed'),
        ("echo end\\", "quotes do not match: \\ is not closed"),
    ],
)
def test_what_cannot_be_read_says_why(typed: str, problem: str) -> None:
    with pytest.raises(UnreadableCommand) as caught:
        parse_command(typed, {})
    assert str(caught.value).startswith(problem)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", []),
        ("list  executors", ["list", "executors"]),
        ("echo 'a b' \"c d\" e\\ f", ["echo", "a b", "c d", "e f"]),
        ("echo a'b c'd", ["echo", "ab cd"]),
        ("echo '' \"\"", ["echo", "", ""]),
        ('echo "a\\"b\\\\c\\n"', ["echo", 'a"b\\c\\n']),
        ("echo 'no \\ escape'", ["echo", "no \\ escape"]),
        ("echo $HOME `x` $(y) *", ["echo", "$HOME", "`x`", "$(y)", "*"]),
        ("line one\nline two", ["line", "one", "line", "two"]),
        ("ping; rm", ["ping"]),
        ("a|b", ["a"]),
        ("a && b", ["a"]),
        ("a > f", ["a"]),
        ("a < f", ["a"]),
        (";", []),
        ("echo ';' \"|\" \\& x", ["echo", ";", "|", "&", "x"]),
        ('a ; "open', ["a"]),  # nobody reads what comes after
        ("what's up", ["what’s", "up"]),
        ("it's what's", ["its whats"]),  # a pair quotes
        ("echo (x)", ["echo", "(x)"]),
        ("help # me", ["help", "#", "me"]),
        ("a\u00a0b", ["a", "b"]),
    ],
)
def test_words_end_at_an_operator(typed: str, words: list[str]) -> None:
    assert list(parse_command(typed, {}).words) == words


def test_a_lone_apostrophe_reaches_the_plugin_as_it_was() -> None:
    assert parse_command("echo what’s up", {}).text == "echo what's up"


def test_a_whole_command() -> None:
    parsed = parse_command(
        '  kv   -A\n --cluster-name=dev --bk-cmd-header="Versions" ', {"kv": ALIASES["kv"]}
    )
    assert parsed.text == "kubectl version   -A"
    assert parsed.shown == (
        'kubectl version --filter=3 -A --cluster-name=dev --bk-cmd-header="Versions"'
    )
    assert parsed.words == ("kubectl", "version", "-A")
    assert (parsed.filter, parsed.cluster, parsed.header) == ("3", "dev", "Versions")


LETTERS = st.text(string.ascii_letters + "\"'\\;|&<>()-= \t\n“”‘’{}%\u00a0é🎉", max_size=60)
FLAGGED = st.lists(
    st.sampled_from(
        [
            "--filter",
            "--filter=",
            "--cluster-name",
            "--all-clusters",
            "--",
            '"',
            "'",
            "\\",
            "x",
            " ",
        ]
    )
).map("".join)


@given(LETTERS | FLAGGED | st.text(max_size=60), st.dictionaries(LETTERS, LETTERS, max_size=3))
def test_any_text_is_read_or_refused(typed: str, aliases: dict[str, str]) -> None:
    try:
        parsed = parse_command(typed, aliases)
    except UnreadableCommand:
        return
    assert "\n" not in parsed.shown
    assert parsed.text == parsed.text.strip()


@given(LETTERS | FLAGGED)
def test_without_flags_nothing_of_the_text_is_lost(typed: str) -> None:
    try:
        text, values = take_flags(typed)
    except UnreadableCommand:
        return
    if not values:
        assert text == typed


@given(st.text(max_size=40))
def test_a_quoted_value_comes_back(value: str) -> None:
    quoted = value.replace("\\", "\\\\").replace('"', '\\"')
    assert take_flags(f'x --filter="{quoted}"') == ("x", {"filter": value})


@pytest.mark.parametrize(
    "text", ["<http://a|" * 1600, "<http://a" * 1700, '"a ' * 5000, "'" * 16000]
)
def test_hostile_text_is_read_in_linear_time(text: str) -> None:
    began = time.process_time()
    with suppress(UnreadableCommand):
        parse_command(text, {})
    assert time.process_time() - began < 1  # quadratic took 5 s for five times this


def test_a_very_long_command_is_refused() -> None:
    with pytest.raises(UnreadableCommand, match="longer than 16384 characters"):
        parse_command("x" * 16385, {})
