"""Keys in another case, and unknown ones."""

from collections.abc import Sequence

import pytest

from botkube.config.decode.canonical import canonical
from botkube.config.decode.shape import struct_shape
from botkube.config.problem import Findings, Problem
from botkube.config.schema.root import Config
from botkube.config.tree.node import Leaf, Origin, Table, plain
from botkube.config.tree.parse import parse


def clean(text: str) -> tuple[object, Sequence[Problem]]:
    findings = Findings()
    node = parse(text, "f.yaml", lambda *_: None, lambda *_: None)
    assert node is not None
    known = canonical(node, struct_shape(Config), (), findings)
    return plain(known), findings.problems()


def test_another_case_is_accepted_with_a_warning() -> None:
    tree, problems = clean("Settings:\n  CLUSTERNAME: x\n")
    assert tree == {"settings": {"clusterName": "x"}}
    assert [(p.severity, p.line, p.key, p.fix) for p in problems] == [
        ("warning", 1, "Settings", 'write "settings"'),
        ("warning", 2, "settings.CLUSTERNAME", 'write "clusterName"'),
    ]


def test_two_spellings_in_one_file_are_an_error_but_both_are_read() -> None:
    tree, problems = clean("settings: {clusterName: x}\nSettings: {kubeconfig: y}\n")
    assert tree == {"settings": {"clusterName": "x", "kubeconfig": "y"}}
    assert [(p.severity, p.line, p.key) for p in problems] == [
        ("warning", 2, "Settings"),
        ("error", 2, "settings"),
    ]


def test_unknown_keys_are_dropped_with_a_guess() -> None:
    tree, problems = clean("settings:\n  clustrName: x\n  zzz: 1\nqqq: 5\n")
    assert tree == {"settings": {}}
    assert [(p.line, p.key, p.fix) for p in problems] == [
        (2, "settings.clustrName", 'did you mean "clusterName"?'),
        (3, "settings.zzz", "remove it, or correct its name; it has no effect"),
        (4, "qqq", "remove it, or correct its name; it has no effect"),
    ]
    assert all(p.value == "" for p in problems), "the value may be a secret under a wrong name"


def test_unknown_keys_are_found_in_lists_and_maps() -> None:
    _, problems = clean(
        "communications: {g: {teams: {teams: [{id: a, x: 1}]}}}\nactions: {a: {bindings: {y: 1}}}"
    )
    assert [p.key for p in problems] == [
        "communications.g.teams.teams[0].x",
        "actions.a.bindings.y",
    ]


def test_one_map_where_a_list_is_expected_is_looked_into() -> None:
    _, problems = clean("communications: {g: {teams: {teams: {id: a, x: 1}}}}")
    assert [p.key for p in problems] == ["communications.g.teams.teams.x"]


def test_what_belongs_to_a_plugin_is_left_alone() -> None:
    text = "executors: {t: {r/p: {enabled: true, displayName: n, kubeconfig: k, config: {ANY: {Key: 1}}}}}"
    tree, problems = clean(text)
    assert tree == {"executors": {"t": {"r/p": {"enabled": True, "config": {"ANY": {"Key": 1}}}}}}
    assert not problems


@pytest.mark.parametrize(
    "text",
    [
        "settings: {lifecycleServer: {enabled: true, port: 2113}}",
        "settings: {persistentConfig: {runtime: {configMap: {annotations: {a: b}}}}}",
        "configWatcher: {enabled: false, tmpDir: /tmp/w, initialSyncTimeout: 0, image: {tag: x}}",
        "plugins: {incomingWebhook: {targetPort: 2115}}",
    ],
)
def test_keys_of_the_originals_chart_without_a_meaning_here_are_known(text: str) -> None:
    _, problems = clean(text)
    assert not problems


def test_a_plugin_entry_has_known_keys() -> None:
    _, problems = clean("executors: {t: {r/p: {enabld: true}}}")
    assert [p.fix for p in problems] == ['did you mean "enabled"?']


def test_the_environment_gets_no_warnings_about_case() -> None:
    quiet = Origin("environment", quiet=True)
    values = {"CLUSTERNAME": Leaf("a", quiet), "clusterName": Leaf("b", quiet)}
    layer = Table(
        {
            "port": Leaf("tcp://", Origin("$BOTKUBE_PORT", quiet=True)),
            "settings": Table(values, quiet),
        },
        quiet,
    )
    findings = Findings()
    known = canonical(layer, struct_shape(Config), (), findings)
    assert plain(known) == {"settings": {"clusterName": "b"}}
    assert not findings.problems()


def test_ten_thousand_unknown_keys_end_in_a_count() -> None:
    _, problems = clean("\n".join(f"key{i}: 1" for i in range(10_000)))
    assert len(problems) == 201
    assert problems[-1].text == "9800 more warnings are not shown"
