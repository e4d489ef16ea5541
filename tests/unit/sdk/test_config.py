"""Merging and decoding of plugin configuration."""

import msgspec
import pytest

from botkube.sdk.config import decode_configs, merge
from botkube.sdk.errors import UserError
from botkube.sdk.lengths import Duration, duration


class Inner(msgspec.Struct, frozen=True):
    a: int = 0
    b: int = 0


class Settings(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    word: str = "default"
    flag: bool = False
    every: Duration = duration("3s")
    some_list: tuple[int, ...] = (9,)
    inner: Inner = Inner()


def test_maps_merge_deeply_and_the_rest_is_replaced() -> None:
    documents = (
        b"inner: {a: 1, b: 2}\nsomeList: [1, 2]\nword: first\n",
        b"inner:\n  b: 3\nsomeList: [4]\n",
    )
    merged = decode_configs(documents, Settings)
    assert merged == Settings(word="first", inner=Inner(1, 3), some_list=(4,))


def test_merging_changes_no_document() -> None:
    first: dict[object, object] = {"a": {"b": 1}}
    assert merge([first, {"a": {"c": 2}}, {"a": {"b": 3}}]) == {"a": {"b": 3, "c": 2}}
    assert first == {"a": {"b": 1}}


@pytest.mark.parametrize(
    "document", [b"", b" \n", b"null", b"{}", b"# nothing\n", b"word: null\n", b"new: 1"]
)
def test_nothing_given_means_the_defaults(document: bytes) -> None:
    assert decode_configs((document,), Settings) == Settings()
    assert decode_configs((), Settings) == Settings()


@pytest.mark.parametrize(
    ("document", "settings"),
    [
        (b'{"word":"json","every":"1m30s"}', Settings(word="json", every=Duration(90))),
        (b"{word: flow yaml}", Settings(word="flow yaml")),
        (b"word: yes", Settings(word="yes")),
        (b"word: 2024-01-02", Settings(word="2024-01-02")),
        (b"flag: TRUE", Settings(flag=True)),
        (b"flag: 'true'", Settings(flag=True)),
        (b"inner: {a: '7'}", Settings(inner=Inner(a=7))),
        (b"every: 0", Settings(every=Duration(0))),
    ],
)
def test_values_are_read_as_go_reads_them(document: bytes, settings: Settings) -> None:
    assert decode_configs((document,), Settings) == settings


@pytest.mark.parametrize(
    ("document", "named"),
    [
        (b"inner: {a: x}", 'inner.a is "x", expected a whole number'),
        (b"word: 5", "word is 5, expected text: put it in quotes"),
        (b"- 1", "a mapping is expected, not list"),
        (b"word: [", "flow"),
        (b"{", "flow"),
        (b"every: 5", "'5' is not a duration"),
        (b"every: [1]", "cannot be a Duration"),
        (b"every: true", "cannot be a Duration"),
        (b"word: !!python/object/apply:os.system [id]", "could not determine a constructor"),
    ],
)
def test_what_does_not_fit_is_told_to_the_user(document: bytes, named: str) -> None:
    with pytest.raises(UserError) as raised:
        decode_configs((document,), Settings)
    assert str(raised.value).startswith("while merging input configuration: ")
    assert named in str(raised.value)
