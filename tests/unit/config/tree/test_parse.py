"""YAML into nodes: dialect, places, bounds."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botkube.config.tree.node import Items, Leaf, Table, locate, plain
from botkube.config.tree.parse import MAX_DEPTH, BadYaml, parse

Report = tuple[int, tuple[str, ...], str, str]


def read(text: str) -> object:
    node = parse(text, "a.yaml", fail_on_report, lambda *_: None)
    return None if node is None else plain(node)


def fail_on_report(line: int, path: tuple[str, ...], text: str, fix: str) -> None:
    pytest.fail(f"{line} {path} {text} {fix}")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("# only a comment\n", None),
        ("---\n", None),
        ("a: 1\nb: [x, 'y', \"1\", on]", {"a": 1, "b": ["x", "y", "1", "on"]}),
        ("a: 1\n---\na: 2\n", {"a": 1}),
        ("a: 1\n---\nb: [", {"a": 1}),
        ("1: a\ntrue: b\n1.50: c\n~: d\n", {"1": "a", "true": "b", "1.5": "c", "null": "d"}),
        ("a: 2024-01-31\nb: 1:30", {"a": "2024-01-31", "b": "1:30"}),
        ("a: |\n  x\n  y\n", {"a": "x\ny\n"}),
        ("a: !!str 5\nb: !!int '6'\nc: !custom 7", {"a": "5", "b": 6, "c": "7"}),
        ("a: &x {k: 1}\nb: *x", {"a": {"k": 1}, "b": {"k": 1}}),
        ("a: &x 1\nb: &x 2\nc: *x", {"a": 1, "b": 2, "c": 2}),
        ("x: &x {k: 1, l: 1}\ny: {<<: *x, l: 2}", {"x": {"k": 1, "l": 1}, "y": {"l": 2, "k": 1}}),
        (
            "x: &x {k: 1}\ny: &y {k: 2, m: 3}\nz:\n  <<: [*x, *y]",
            {"x": {"k": 1}, "y": {"k": 2, "m": 3}, "z": {"k": 1, "m": 3}},
        ),
        ("'<<': {a: 1}", {"<<": {"a": 1}}),
        ("{a: , b: ''}", {"a": None, "b": ""}),
        ("[a]", ["a"]),
        ("text", "text"),
    ],
)
def test_dialect(text: str, value: object) -> None:
    assert read(text) == value


def test_every_node_knows_its_line() -> None:
    node = parse(
        "a:\n  b: 1\n  c:\n    - x\n    - d: 2\n", "f.yaml", fail_on_report, fail_on_report
    )
    assert isinstance(node, Table)
    places = {
        path: locate(node, path).line for path in [("a",), ("a", "b"), ("a", "c", "[1]", "d")]
    }
    assert places == {("a",): 1, ("a", "b"): 2, ("a", "c", "[1]", "d"): 5}
    assert locate(node, ("a", "c", "[0]")).line == 4
    assert locate(node, ("a",)).file == "f.yaml"


def test_an_alias_is_where_it_is_used_and_its_content_where_it_was_written() -> None:
    node = parse("a: &x\n  k: 1\n\nb: *x\n", "f", fail_on_report, fail_on_report)
    assert node is not None
    assert locate(node, ("b",)).line == 4
    assert locate(node, ("b", "k")).line == 2


def test_every_duplicate_key_is_reported() -> None:
    reports: list[Report] = []
    text = "a: 1\nb:\n  c: 1\n  c: 2\na: 3\n1: x\n'1': y\n"
    node = parse(text, "f", lambda *report: reports.append(report), fail_on_report)
    assert [(line, path, words) for line, path, words, _ in reports] == [
        (4, ("b", "c"), "the key is already defined in line 3"),
        (5, ("a",), "the key is already defined in line 1"),
        (7, ("1",), "the key is already defined in line 6"),
    ]
    assert node is not None
    assert plain(node) == {"a": 1, "b": {"c": 1}, "1": "x"}


def test_merge_keys_are_no_duplicates() -> None:
    assert read("x: &x {a: 1}\ny:\n  <<: *x\n  a: 2\n") == {"x": {"a": 1}, "y": {"a": 2}}


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: [1\n", 2, "is not valid YAML"),
        ("a:\n\t- b\n", 2, "cannot start any token"),
        ("a: b: c\n", 1, "mapping values are not allowed"),
        ("a: 'x\n", 2, "end of stream"),
        ("a: *x\n", 1, "the anchor &x is not defined above"),
        ("a: &x [*x]\n", 1, "the anchor &x is not defined above"),
        ("a: 1\n? [b]\n: 1\n", 2, "a map or list cannot be a key"),
        ("a:\n  <<: 5\n", 2, "<< takes a map"),
        ("a: 1\nb: \x07\n", 2, "control character"),
        ("a: 1\nb: \x00\n", 2, "control character"),
        ("%YAML 9.9\n---\na: 1\n", 1, "is not valid YAML"),
    ],
)
def test_syntax_errors_have_a_line_and_a_fix(text: str, line: int, words: str) -> None:
    with pytest.raises(BadYaml) as caught:
        read(text)
    assert words in caught.value.text
    assert caught.value.line == line
    assert caught.value.fix


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("a:\n\tb: 1\n", "indent with spaces, YAML allows no tabs"),
        ("a:\n  b: 1\n \tc: 2\n", "indent with spaces, YAML allows no tabs"),
        ("a: @x\n", "put the value that starts with @ in quotes"),
        ("a: b: c\n", "check the indentation, and quote a value that contains ': '"),
    ],
)
def test_common_mistakes_have_their_own_fix(text: str, fix: str) -> None:
    with pytest.raises(BadYaml) as caught:
        read(text)
    assert caught.value.fix == fix


def test_a_quote_without_an_end_names_its_beginning() -> None:
    with pytest.raises(BadYaml) as caught:
        read("a: 'x\nb: 1\n")
    assert caught.value.text.endswith("(begun in line 1)")


def bomb(levels: int) -> str:
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    rows.extend(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, levels))
    return "\n".join(rows)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (bomb(9), "aliases"),
        ("a: &a " + "x" * 100_000 + "\nb: [" + "*a, " * 10_000 + "]", "aliases"),
        ("- x\n" * 300_000, "aliases"),
        ("[" * 100_000, f"more than {MAX_DEPTH} levels"),
        ("{a: " * 100_000, f"more than {MAX_DEPTH} levels"),
        ("- " * 100_000, f"more than {MAX_DEPTH} levels"),
        ("k" * (1 << 20) + ": 1", "is not valid YAML"),
    ],
    ids=["billion laughs", "long text", "long list", "brackets", "braces", "dashes", "long key"],
)
def test_hostile_documents_are_refused_in_bounds(text: str, words: str) -> None:
    with pytest.raises(BadYaml) as caught:
        read(text)
    assert words in caught.value.text


def test_a_small_bomb_is_a_document() -> None:
    assert isinstance(read(bomb(4)), dict)


def test_a_long_key_may_be_written_explicitly() -> None:
    key = "k" * (1 << 20)
    assert read(f'? "{key}"\n: 1') == {key: 1}


@given(st.text() | st.lists(st.sampled_from("abc:-[]{}&*<!?#|>'\"%@, \n\t1.~"), max_size=40))
def test_any_text_is_a_tree_or_bad_yaml(text: str | list[str]) -> None:
    with contextlib.suppress(BadYaml):
        node = parse("".join(text), "f", lambda *_: None, lambda *_: None)
        assert node is None or isinstance(node, (Leaf, Items, Table))


def test_what_an_unquoted_text_is_may_be_decided_elsewhere() -> None:
    node = parse("a: 1.10\nb: [yes, '2']", "a", fail_on_report, lambda *_: None, lambda text: text)
    assert node is not None
    assert plain(node) == {"a": "1.10", "b": ["yes", "2"]}
