"""What is in use."""

from botkube.config.bindings import group_bindings, plugin_configs, used_plugins, used_sources
from botkube.config.decode.decode import decode
from botkube.config.load import embedded_default
from botkube.config.problem import Findings
from botkube.config.schema.root import Config
from botkube.config.tree.parse import parse
from botkube.model.plugin import parse_plugin_key

TEXT = """
sources:
  beat: {r/beat: {enabled: true, config: {Interval: 1s}}, r/two: {enabled: true}}
  unused: {r/other: {enabled: true}}
  off: {r/off: {enabled: false}}
executors:
  one: {r/kubectl@v1: {enabled: true, config: {b: 1, A: yes}}, r/off: {enabled: false}}
  two: {r/kubectl@v1: {enabled: true}, broken: {}}
  idle: {r/helm: {enabled: true}}
  act: {r/act: {enabled: true}}
communications:
  g:
    playground:
      enabled: true
      channels:
        a: {name: a, bindings: {sources: [beat, off], executors: [one, two]}}
        b: {name: b, bindings: {sources: [beat], executors: [one]}}
    discord: {enabled: false, channels: {c: {bindings: {executors: [idle], sources: [unused]}}}}
actions:
  a: {enabled: true, bindings: {executors: [act]}}
  b: {enabled: false, bindings: {executors: [idle]}}
"""


def config() -> Config:
    node = parse(TEXT, "f", lambda *_: None)
    assert node is not None
    return decode(node, Config, Findings())[0]


def test_plugins_of_enabled_platforms_and_actions_each_once() -> None:
    used = [(key.kind, str(key)) for key in used_plugins(config())]
    assert used == [
        ("executor", "r/kubectl@v1"),
        ("executor", "r/act"),
        ("source", "r/beat"),
        ("source", "r/two"),
    ]


def test_sources_in_use_are_one_per_group_and_plugin() -> None:
    sources = used_sources(config())
    assert [(s.group, str(s.key), s.config) for s in sources] == [
        ("beat", "r/beat", b"Interval: 1s\n"),
        ("beat", "r/two", None),
    ]


def test_bindings_keep_their_order_and_know_disabled_ones() -> None:
    bindings = group_bindings(config(), "executor", ["two", "one", "none"])
    assert [(b.group, str(b.key), b.enabled) for b in bindings] == [
        ("two", "r/kubectl@v1", True),
        ("one", "r/kubectl@v1", True),
        ("one", "r/off", False),
    ]


def test_configs_are_one_document_per_group_in_binding_order() -> None:
    key = parse_plugin_key("executor", "r/kubectl@v1")
    assert plugin_configs(config(), key, ["one", "two"]) == (b"b: 1\nA: 'yes'\n", b"null\n")
    assert plugin_configs(config(), key, ["two", "one"]) == (b"null\n", b"b: 1\nA: 'yes'\n")
    assert plugin_configs(config(), parse_plugin_key("executor", "r/off"), ["one"]) == ()


def test_the_embedded_default_uses_both_built_in_plugins() -> None:
    loaded = embedded_default()
    assert loaded.config is not None
    assert [str(key) for key in used_plugins(loaded.config)] == [
        "builtin/echo",
        "builtin/heartbeat",
    ]
