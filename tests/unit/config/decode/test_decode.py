"""Trees into structs."""

from collections.abc import Sequence

import pytest

from botkube.config.decode.decode import decode
from botkube.config.problem import Findings, Problem
from botkube.config.schema.root import Config
from botkube.config.schema.values import Secret
from botkube.config.tree.parse import parse


def read(text: str) -> tuple[Config, Sequence[Problem]]:
    findings = Findings()
    node = parse(text, "f.yaml", lambda *_: None, lambda *_: None)
    assert node is not None
    return decode(node, Config, findings)[0], findings.problems()


def valid(text: str) -> Config:
    config, problems = read(text)
    assert not problems
    return config


def test_nothing_given_is_the_default() -> None:
    assert valid("{}") == Config()


def test_values_of_every_kind() -> None:
    config = valid("""
settings:
  clusterName: 12
  upgradeNotifier: "true"
  metricsPort: "2112"
  commandTimeout: 1m30s
  store: {maxSize: 1GiB}
plugins:
  env: A, B
  repositories: {r: {url: u, headers: {Authorization: hush}}}
  incomingWebhook: {inClusterBaseURL: http://x}
sources: {s: {displayName: S, r/p@v1: {enabled: true, config: {Key: [1, {B: null}]}}}}
communications:
  g:
    socketSlack: {botToken: xoxb-1, channels: {a: {messageTriggers: {event: E, text: {include: x}}}}}
    teams: {teams: [{id: t, channels: {c: {id: i}}}]}
""")
    settings = config.settings
    assert settings.cluster_name == "12"
    assert settings.upgrade_notifier is True
    assert (settings.metrics_port, settings.health_port) == (2112, None)
    assert settings.command_timeout == 90
    assert settings.store.max_size == 2**30
    assert config.plugins.env == ("A", "B")
    assert config.plugins.repositories["r"].headers == {"Authorization": Secret("hush")}
    assert config.plugins.incoming_webhook.in_cluster_base_url == "http://x"
    assert config.sources["s"].display_name == "S"
    assert config.sources["s"].plugins["r/p@v1"].config == {"Key": [1, {"B": None}]}
    group = config.communications["g"]
    assert group.socket_slack.bot_token.reveal() == "xoxb-1"
    trigger = group.socket_slack.channels["a"].message_triggers[0]
    assert (trigger.event, trigger.text.include) == ("E", ("x",))
    assert group.teams.teams[0].channels["c"].id == "i"


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("[a, b]", ("a", "b")),
        ("'a,b'", ("a", "b")),
        ("a", ("a",)),
        ("5", ("5",)),
        ("''", ()),
        ("null", ()),
        ("[]", ()),
        ("{}", ()),
        ("[null]", ("",)),
    ],
)
def test_lists_of_text(text: str, items: tuple[str, ...]) -> None:
    assert valid(f"plugins: {{env: {text}}}").plugins.env == items


def test_null_means_not_given() -> None:
    config = valid("settings: {log: null, commandTimeout: null}\naliases: null\nsources: {s: null}")
    assert config.settings.command_timeout == 300
    assert config.aliases == {}
    assert config.sources["s"].plugins == {}


def test_every_misfit_is_reported_and_its_neighbours_are_read() -> None:
    config, problems = read(
        "settings:\n  upgradeNotifier: yes\n  healthPort: x\n  clusterName: [a]\n"
        "  kubeconfig: k\nexecutors:\n  tools:\n    r/p: true\naliases: text\n"
    )
    assert [(p.severity, p.line, p.key, p.value, p.text) for p in problems] == [
        ("error", 2, "settings.upgradeNotifier", '"yes"', "cannot be read as true or false"),
        ("error", 3, "settings.healthPort", '"x"', "cannot be read as a whole number"),
        ("error", 4, "settings.clusterName", "", "expected one value, got a list"),
        ("error", 8, "executors.tools.r/p", "", "expected a map, got true or false"),
        ("error", 9, "aliases", "", "expected a map, got text"),
    ]
    assert all(p.fix for p in problems)
    assert config.settings.kubeconfig == "k"


def test_a_bare_number_of_nanoseconds_is_pointed_out() -> None:
    config, problems = read("settings: {commandTimeout: 5, shutdownTimeout: 28000000000}")
    assert config.settings.shutdown_timeout == 28
    assert [(p.severity, p.key, p.fix) for p in problems] == [
        ("warning", "settings.commandTimeout", "write a unit, for example 5s")
    ]


def test_unreadable_paths_are_known() -> None:
    node = parse("aliases: text\nsettings: {healthPort: x}", "f", lambda *_: None, lambda *_: None)
    assert node is not None
    _, broken = decode(node, Config, Findings())
    assert broken == {("aliases",), ("settings", "healthPort")}
