"""`BOTKUBE_` variables: names to keys, and how they meet what files say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botkube.config.environment import environment_layer, key_of, variable_of
from botkube.config.tree.node import Node, Origin, Table, locate, plain
from botkube.config.tree.parse import parse

NOTHING = Table({}, Origin("none"))


def files(text: str) -> Node:
    node = parse(text, "f.yaml", lambda *_: None, lambda *_: None)
    assert node is not None
    return node


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("BOTKUBE_SETTINGS_KUBECONFIG", "settings.kubeconfig"),
        ("BOTKUBE_SETTINGS_METRICS__PORT", "settings.metricsPort"),
        (
            "BOTKUBE_COMMUNICATIONS_DEFAULT-GROUP_SOCKET__SLACK_APP__TOKEN",
            "communications.default-group.socketSlack.appToken",
        ),
        ("BOTKUBE_SETTINGS_SA__CREDENTIALS__PATH__PREFIX", "settings.saCredentialsPathPrefix"),
        (
            "BOTKUBE_PLUGINS_INCOMING__WEBHOOK_IN__CLUSTER__BASE__U__R__L",
            "plugins.incomingWebhook.inClusterBaseURL",
        ),
        ("BOTKUBE_SETTINGS_SYSTEM__CONFIG__MAP_NAMESPACE", "settings.systemConfigMap.namespace"),
        (
            "BOTKUBE_COMMUNICATIONS_G_SOCKET__SLACK_CHANNELS_MY-ALIAS_NAME",
            "communications.g.socketSlack.channels.my-Alias.name",
        ),
        ("BOTKUBE_A__B/C_D", "aB/C.d"),
        ("BOTKUBE_A__2FA", "a2Fa"),
        ("BOTKUBE_A.B", "a.b"),
        ("BOTKUBE_", ""),
    ],
)
def test_names_to_keys(name: str, key: str) -> None:
    assert ".".join(key_of(name)) == key


@pytest.mark.parametrize(
    "key",
    ["settings.clusterName", "plugins.incomingWebhook.inClusterBaseURL", "communications.a-b.x"],
)
def test_keys_to_names_and_back(key: str) -> None:
    assert ".".join(key_of(variable_of(key.split(".")))) == key


def test_only_the_prefix_in_exact_case_counts() -> None:
    environ = {"botkube_a": "1", "BOTKUBEA": "2", "OTHER": "3", "BOTKUBE_A": "4"}
    assert plain(environment_layer(environ, NOTHING)) == {"a": "4"}


@pytest.mark.parametrize(
    ("text", "name", "tree"),
    [
        (
            "communications: {g: {socketSlack: {channels: {my-alias: {name: x}}}}}",
            "BOTKUBE_COMMUNICATIONS_G_SOCKET__SLACK_CHANNELS_MY-ALIAS_NAME",
            {"communications": {"g": {"socketSlack": {"channels": {"my-alias": {"name": "v"}}}}}},
        ),
        ("aliases: {Kc: {}}", "BOTKUBE_ALIASES_KC_COMMAND", {"aliases": {"Kc": {"command": "v"}}}),
        (
            "executors: {t: {Repo/echo: {}}}",
            "BOTKUBE_EXECUTORS_T_REPO/ECHO_ENABLED",
            {"executors": {"t": {"Repo/echo": {"enabled": "v"}}}},
        ),
        ("aliases: {kc: {}, KC: {}}", "BOTKUBE_ALIASES_KC", {"aliases": {"kc": "v"}}),
        ("aliases: {Kc: {}, KC: {}}", "BOTKUBE_ALIASES_KC", {"aliases": {"kc": "v"}}),
        ("aliases: text", "BOTKUBE_ALIASES_KC", {"aliases": {"kc": "v"}}),
    ],
    ids=["hyphen", "capital", "plugin key", "exact first", "two similar", "no map there"],
)
def test_existing_keys_are_matched_without_regard_to_case(
    text: str, name: str, tree: object
) -> None:
    assert plain(environment_layer({name: "v"}, files(text))) == tree


def test_a_value_knows_its_variable_and_is_quiet() -> None:
    layer = environment_layer({"BOTKUBE_SETTINGS_LOG_LEVEL": "debug"}, NOTHING)
    assert locate(layer, ("settings", "log", "level")) == Origin(
        "$BOTKUBE_SETTINGS_LOG_LEVEL", quiet=True
    )


def test_the_deeper_of_two_variables_holds() -> None:
    environ = {"BOTKUBE_PORT_80_TCP": "b", "BOTKUBE_PORT": "a", "BOTKUBE_PORT_80_TCP_PROTO": "c"}
    assert plain(environment_layer(environ, NOTHING)) == {"port": {"80": {"tcp": {"proto": "c"}}}}


def test_a_name_deeper_than_any_key_is_ignored() -> None:
    assert plain(environment_layer({"BOTKUBE_" + "A_" * 5000: "x"}, NOTHING)) == {}


names = st.text(st.sampled_from("ABz09_-/.é"), max_size=20).map("BOTKUBE_".__add__)


@given(st.dictionaries(names, st.text(max_size=3), max_size=6))
def test_any_environment_is_a_layer(environ: dict[str, str]) -> None:
    assert isinstance(plain(environment_layer(environ, NOTHING)), dict)
