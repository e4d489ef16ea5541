"""Configuration → what the program is made of."""

import pytest

from botkube.app.build import Plan, build
from botkube.config import Config, embedded_default
from botkube.config.decode.decode import decode
from botkube.config.problem import Findings
from botkube.config.tree.parse import parse
from botkube.model.command import Address
from botkube.model.errors import ConfigError

TEXT = """
settings: {clusterName: dev}
sources:
  beat: {displayName: Beat, r/beat: {enabled: true, config: {x: 1}}}
  two: {r/beat: {enabled: true}, r/other: {enabled: true}}
  off: {r/off: {enabled: false}}
  unused: {r/unused: {enabled: true}}
executors:
  tools: {r/kubectl@v1: {enabled: true}, r/beat: {enabled: true}, r/off: {enabled: false}}
aliases: {k: {command: kubectl, displayName: K}}
actions: {a: {enabled: true, displayName: A}}
communications:
  g:
    playground:
      enabled: true
      channels:
        one: {name: general, bindings: {sources: [beat, off], executors: [tools]}}
        two: {name: quiet, notification: {disabled: true}, bindings: {sources: [two, beat]}}
  h:
    playground: {enabled: true, channels: {one: {name: third, bindings: {sources: [beat]}}}}
  idle:
    playground: {enabled: false, channels: {one: {name: general, bindings: {sources: [unused]}}}}
"""


def plan(text: str = TEXT) -> Plan:
    node = parse(text, "f", lambda *_: None, lambda *_: None)
    assert node is not None
    return build(decode(node, Config, Findings())[0])


def test_channels_are_known_by_their_names_and_their_targets() -> None:
    found = plan()
    assert {name: c.target for name, c in found.channels.items()} == {
        "general": "g-playground:one",
        "quiet": "g-playground:two",
        "third": "h-playground:one",
    }
    assert [c.muted for c in found.channels.values()] == [False, True, False]
    assert found.platforms == ("g-playground", "h-playground")
    assert found.by_target["g-playground:two"].name == "quiet"
    address = Address(platform="g-playground", channel="general")
    assert found.routes.channel(address) is found.channels["general"]


def test_two_playgrounds_cannot_share_a_channel_name() -> None:
    with pytest.raises(ConfigError, match=r"communications\.h\.playground\.channels\.one\.name"):
        plan(TEXT.replace("name: third", "name: general"))


def test_only_plugins_that_are_bound_and_enabled_run() -> None:
    found = plan()
    assert [(key.kind, str(key)) for key in found.plugins] == [
        ("executor", "r/beat"),
        ("executor", "r/kubectl@v1"),
        ("source", "r/beat"),
        ("source", "r/other"),
    ]
    assert list(found.plugin_names.values()) == [
        "executor/r/beat",
        "r/kubectl@v1",
        "source/r/beat",
        "r/other",
    ]


def test_each_plugin_of_each_bound_source_group_is_one_stream() -> None:
    found = plan()
    assert [(spec.name, str(spec.binding.key), spec.display_name) for spec in found.sources] == [
        ("beat", "r/beat", "Beat"),
        ("two", "r/beat", ""),
        ("two", "r/other", ""),
    ]
    assert found.sources[0].binding.config is not None
    assert found.sources[1].binding.config is None
    assert list(found.stream_names.values()) == ["beat", "two/r/beat", "two/r/other"]


def test_processes_and_streams_belong_to_plugins_and_plugins_to_channels() -> None:
    found = plan()
    assert {name: str(key) for name, key in found.plugin_parts.items()} == {
        "plugin:executor/r/beat": "r/beat",
        "plugin:r/kubectl@v1": "r/kubectl@v1",
        "plugin:source/r/beat": "r/beat",
        "plugin:r/other": "r/other",
        "source:beat": "r/beat",
        "source:two/r/beat": "r/beat",
        "source:two/r/other": "r/other",
    }
    using = {
        str(key.kind + ":" + key.name): [c.name for c in found.channels_using(key)]
        for key in found.plugins
    }
    assert using == {
        "executor:beat": ["general"],
        "executor:kubectl": ["general"],
        "source:beat": ["general", "quiet", "third"],
        "source:other": ["quiet"],
    }


def test_events_of_a_group_go_to_the_channels_bound_to_it() -> None:
    assert plan().routes.targets == {
        "beat": ("g-playground:one", "g-playground:two", "h-playground:one"),
        "off": ("g-playground:one",),
        "two": ("g-playground:two",),
    }


def test_names_that_commands_know() -> None:
    routes = plan().routes
    assert routes.cluster == "dev"
    assert (routes.aliases["k"].command, routes.aliases["k"].display_name) == ("kubectl", "K")
    assert routes.actions["a"].enabled
    assert plan("{}").routes.cluster == "not-configured"


def test_the_embedded_default() -> None:
    config = embedded_default().config
    assert config is not None
    found = build(config)
    assert list(found.channels) == ["general", "alerts"]
    assert [str(key) for key in found.plugins] == ["builtin/echo", "builtin/heartbeat"]
    assert found.routes.targets == {
        "beat": ("default-playground:general", "default-playground:alerts")
    }


def test_a_configuration_without_anything_is_an_empty_plan() -> None:
    found = plan("{}")
    assert (found.channels, found.plugins, found.sources, found.platforms) == ({}, (), (), ())
    assert found.bindings == ()
