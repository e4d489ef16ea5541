"""What binding lists amount to."""

from botkube.config.bindings import group_bindings
from botkube.config.decode.decode import decode
from botkube.config.load import embedded_default
from botkube.config.problem import Findings
from botkube.config.schema.root import Config
from botkube.config.tree.parse import parse

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
    node = parse(TEXT, "f", lambda *_: None, lambda *_: None)
    assert node is not None
    return decode(node, Config, Findings())[0]


def test_bindings_keep_their_order_and_know_disabled_ones() -> None:
    bindings = group_bindings(config(), "executor", ["two", "one", "none"])
    assert [(b.group, str(b.key), b.enabled) for b in bindings] == [
        ("two", "r/kubectl@v1", True),
        ("one", "r/kubectl@v1", True),
        ("one", "r/off", False),
    ]


def test_configuration_goes_over_the_wire_as_yaml() -> None:
    [first, *_] = group_bindings(config(), "executor", ["one"])
    assert first.config == b"b: 1\nA: 'yes'\n"


def test_built_in_plugins_get_json() -> None:
    loaded = embedded_default()
    assert loaded.config is not None
    [echo] = group_bindings(loaded.config, "executor", ["tools"])
    assert echo.config == b'{"changeResponseToUpperCase":false}'
