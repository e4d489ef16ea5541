"""Rules on the plugins of one group."""

from collections.abc import Callable, Iterator

import pytest

from botkube.config.check.plugins import check_groups
from botkube.config.problem import Finding
from botkube.config.schema.root import Config

Run = Callable[[Callable[[Config], Iterator[Finding]], str], list[tuple[str, str, str]]]


FORM = "is not of the form repository/name"


@pytest.mark.parametrize("section", ["sources", "executors"])
@pytest.mark.parametrize("key", ["echo", "/echo", "r/", "r/@v1"])
def test_a_key_has_repository_and_name(run: Run, section: str, key: str) -> None:
    ((severity, path, text),) = run(
        check_groups, f"{section}: {{g: {{'{key}': {{enabled: true}}}}}}"
    )
    assert (severity, path) == ("error", f"{section}.g.{key}")
    assert FORM in text


@pytest.mark.parametrize("version", ["^", "^1..2", ">=1 ||", ">1.x", "~one"])
def test_what_looks_like_a_range_is_one(run: Run, version: str) -> None:
    text = f"executors: {{g: {{'r/p@{version}': {{enabled: true}}, 'r/q@{version}': {{}}}}}}"
    ((severity, path, said),) = run(check_groups, text)
    assert (severity, path) == ("error", f"executors.g.r/p@{version}")
    assert said.startswith(f"{version!r} is no version range")


@pytest.mark.parametrize("version", ["^1.2", "v1.2.3", "latest", "nightly-7", ">=1,<2 || 4.x"])
def test_ranges_and_anything_that_may_be_a_version(run: Run, version: str) -> None:
    assert run(check_groups, f"executors: {{g: {{'r/p@{version}': {{enabled: true}}}}}}") == []


def test_the_key_of_a_disabled_entry_does_not_matter(run: Run) -> None:
    assert run(check_groups, "sources: {g: {echo: {}, a/p: {}, b/p: {enabled: true}}}") == []


def test_one_plugin_of_two_repositories(run: Run) -> None:
    text = "executors: {g: {a/p: {enabled: true}, b/p: {enabled: true}, b/q: {enabled: true}}}"
    assert run(check_groups, text) == [
        (
            "error",
            "executors.g.b/p",
            'conflicts with already defined "p" plugin from "a" repository',
        )
    ]


@pytest.mark.parametrize(
    ("first", "second", "version"), [("a/p@v1", "a/p@v2", '"v1"'), ("a/p", "a/p@v2", "latest")]
)
def test_one_plugin_in_two_versions(run: Run, first: str, second: str, version: str) -> None:
    text = f"sources: {{g: {{{first}: {{enabled: true}}, {second}: {{enabled: true}}}}}}"
    assert run(check_groups, text) == [
        (
            "error",
            f"sources.g.{second}",
            f'conflicts with already defined "p" plugin in the {version} version',
        )
    ]


def test_groups_do_not_disturb_each_other(run: Run) -> None:
    text = "executors: {g: {a/p: {enabled: true}}, h: {b/p: {enabled: true}}}"
    assert run(check_groups, text) == []
