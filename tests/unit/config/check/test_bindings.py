"""Rules on what is bound."""

from collections.abc import Callable, Iterator

import pytest

from botkube.config.check.bindings import check_bindings
from botkube.config.problem import Finding
from botkube.config.schema.root import Config

Run = Callable[[Callable[[Config], Iterator[Finding]], str], list[tuple[str, str, str]]]


GROUPS = """
sources: {k8s: {a/k: {enabled: true}}, k8s-two: {b/k: {enabled: true}}}
executors:
  tools: {a/p: {enabled: true}}
  other: {b/p: {enabled: true}}
  old: {a/p@v1: {enabled: true}}
  admin: {a/p: {enabled: true, context: {rbac: {user: {type: Static, static: {value: root}}}}}}
  same: {a/p: {enabled: true}, x/off: {enabled: false}}
"""


@pytest.mark.parametrize(
    ("place", "key"),
    [
        (
            "communications: {g: {playground: {channels: {c: {bindings: {sources: [k8]}}}}}}",
            "communications.g.playground.channels.c.bindings.sources[0]",
        ),
        (
            "communications: {g: {discord: {channels: {c: {bindings: {executors: [tools, x]}}}}}}",
            "communications.g.discord.channels.c.bindings.executors[1]",
        ),
        (
            "communications: {g: {webhook: {bindings: {sources: [x]}}}}",
            "communications.g.webhook.bindings.sources[0]",
        ),
        (
            "communications: {g: {elasticsearch: {indices: {i: {bindings: {sources: [x]}}}}}}",
            "communications.g.elasticsearch.indices.i.bindings.sources[0]",
        ),
        (
            "communications: {g: {teams: {teams: [{channels: {c: {bindings: {sources: [x]}}}}]}}}",
            "communications.g.teams.teams[0].channels.c.bindings.sources[0]",
        ),
        ("actions: {a: {bindings: {executors: [x]}}}", "actions.a.bindings.executors[0]"),
    ],
)
def test_what_is_bound_exists_wherever_it_is_bound(run: Run, place: str, key: str) -> None:
    section = "sources" if "sources" in key else "executors"
    assert run(check_bindings, GROUPS + place) == [
        ("error", key, f"binding not defined in {section}")
    ]


def bound(run: Run, executors: str) -> list[tuple[str, str, str]]:
    channel = f"{{c: {{bindings: {{executors: {executors}, sources: [k8s]}}}}}}"
    return run(
        check_bindings, f"{GROUPS}communications: {{g: {{playground: {{channels: {channel}}}}}}}"
    )


@pytest.mark.parametrize("executors", ["[]", "[tools]", "[tools, same]", "[tools, tools]"])
def test_what_fits_together(run: Run, executors: str) -> None:
    assert bound(run, executors) == []


@pytest.mark.parametrize(
    ("executors", "words"),
    [
        ("[tools, other]", 'conflicts with already bound "p" plugin from "a" repository'),
        ("[tools, old]", 'conflicts with already bound "p" plugin in the latest version'),
        ("[old, tools]", 'conflicts with already bound "p" plugin in the "v1" version'),
        ("[tools, admin]", 'uses the plugin a/p with different RBAC than "tools"'),
    ],
)
def test_what_does_not_fit_together(run: Run, executors: str, words: str) -> None:
    key = "communications.g.playground.channels.c.bindings.executors[1]"
    assert bound(run, executors) == [("error", key, words)]


def test_sources_conflict_too(run: Run) -> None:
    text = f"{GROUPS}actions: {{a: {{bindings: {{sources: [k8s, k8s-two]}}}}}}"
    assert [row[1] for row in run(check_bindings, text)] == ["actions.a.bindings.sources[1]"]


def test_a_conflict_inside_one_group_is_told_there_only(run: Run) -> None:
    text = "executors: {g: {a/p: {enabled: true}, b/p: {enabled: true}}}\nactions: {a: {bindings: {executors: [g]}}}"
    assert run(check_bindings, text) == []
