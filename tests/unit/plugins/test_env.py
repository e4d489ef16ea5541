import pytest

from botkube.model.plugin import PluginKey, PluginKind, parse_plugin_key
from botkube.plugins.env import (
    EnvSpec,
    child_environment,
    level_variable,
    without_loader,
    zygote_environment,
)

LEVEL = "LOG_LEVEL_EXECUTOR_BOTKUBE_KUBECTL"

PASSED_ON = {
    "PATH": "/bin",
    "HOME": "/root",
    "LANG": "C.UTF-8",
    "LC_TIME": "de_DE",
    "TZ": "UTC",
    "HTTPS_PROXY": "http://proxy",
    "no_proxy": "localhost",
    "SSL_CERT_FILE": "/ca.pem",
    "SSL_CERT_DIR": "/certs",
    LEVEL: "debug",
}
HELD_BACK = {
    "BOTKUBE_SETTINGS_TOKEN": "secret",
    "CONFIG_PROVIDER_API_KEY": "secret",
    "SLACK_TOKEN": "secret",
    "LOG_LEVEL_SOURCE_BOTKUBE_KUBERNETES": "debug",
    "TMPDIR": "/var/tmp",
    "KUBECONFIG": "/root/.kube/config",
    "PLUGIN_CLIENT_CERT": "pem",
    "PLUGIN_MULTIPLEX_GRPC": "true",
    "PLUGIN_UNIX_SOCKET_DIR": "/elsewhere",
    "PLUGIN_UNIX_SOCKET_GROUP": "1000",
    "BOTKUBE": "not the cookie",
    "PYTHONPATH": "/src",
    "LD_PRELOAD": "/evil.so",
}
SET_BY_US = {
    "TMPDIR": "/run/bk-1",
    "PLUGIN_UNIX_SOCKET_DIR": "/run/bk-1",
    "BOTKUBE": "52ca7b74-28eb-4fac-ae79-31a9cbda2454",
    "PLUGIN_PROTOCOL_VERSIONS": "3",
    "PLUGIN_MIN_PORT": "10000",
    "PLUGIN_MAX_PORT": "25000",
}
SPEC = EnvSpec(own_binary=False, level_variable=LEVEL, private_dir="/run/bk-1")


def test_only_what_is_allowed_is_passed_on() -> None:
    assert child_environment(PASSED_ON | HELD_BACK, SPEC) == PASSED_ON | SET_BY_US


def test_names_may_be_listed_but_never_our_own() -> None:
    listed = EnvSpec(
        own_binary=False,
        level_variable=LEVEL,
        private_dir="/run/bk-1",
        extra_names=("AWS_PROFILE", "BOTKUBE_SETTINGS_TOKEN", "PLUGIN_CLIENT_CERT"),
    )
    child = child_environment(HELD_BACK | {"AWS_PROFILE": "dev"}, listed)
    assert child == SET_BY_US | {"AWS_PROFILE": "dev"}


def test_what_belongs_to_this_plugin_is_set() -> None:
    own = EnvSpec(
        own_binary=False,
        level_variable=LEVEL,
        private_dir="/run/bk-1",
        dependency_dir="/cache/executor_v1_x_deps",
    )
    child = child_environment(HELD_BACK, own)
    assert child["PLUGIN_DEPENDENCY_DIR"] == "/cache/executor_v1_x_deps"


def test_a_sandboxed_one_is_at_home_in_its_own_directory() -> None:
    spec = EnvSpec(own_binary=False, level_variable=LEVEL, private_dir="/run/bk-1", sandboxed=True)
    child = child_environment(PASSED_ON, spec)
    assert child == PASSED_ON | SET_BY_US | {"HOME": "/run/bk-1"}


FROZEN = {
    "_PYI_APPLICATION_HOME_DIR": "/tmp/_MEI1",
    "LD_LIBRARY_PATH": "/tmp/_MEI1",
    "LD_LIBRARY_PATH_ORIG": "/opt/lib",
}


def test_our_own_binary_finds_what_is_unpacked() -> None:
    spec = EnvSpec(own_binary=True, level_variable=LEVEL, private_dir="/run/bk-1")
    assert child_environment(FROZEN, spec) == SET_BY_US | FROZEN


def test_other_programs_get_the_users_library_path_back() -> None:
    assert child_environment(FROZEN, SPEC) == SET_BY_US | {"LD_LIBRARY_PATH": "/opt/lib"}
    without = {n: v for n, v in FROZEN.items() if not n.endswith("_ORIG")}
    assert child_environment(without, SPEC) == SET_BY_US


def test_the_warm_parent_is_our_own_binary_and_no_plugin() -> None:
    passed_on = {n: v for n, v in PASSED_ON.items() if n != LEVEL}
    assert zygote_environment(PASSED_ON | HELD_BACK | FROZEN) == passed_on | FROZEN


def test_what_is_forked_needs_no_loader() -> None:
    own = EnvSpec(own_binary=True, level_variable=LEVEL, private_dir="/run/bk-1")
    child = child_environment(PASSED_ON | FROZEN, own)
    assert without_loader(child) == PASSED_ON | SET_BY_US | {"LD_LIBRARY_PATH": "/opt/lib"}


@pytest.mark.parametrize(
    ("kind", "text", "name"),
    [
        ("executor", "botkube/kubectl@v1.0.0", "LOG_LEVEL_EXECUTOR_BOTKUBE_KUBECTL_V1_0_0"),
        ("source", "botkube/cm-watcher", "LOG_LEVEL_SOURCE_BOTKUBE_CM_WATCHER"),
        ("source", "my-repo/a.b", "LOG_LEVEL_SOURCE_MY-REPO_A_B"),
    ],
)
def test_the_level_variable_is_named_as_the_original_does(
    kind: PluginKind, text: str, name: str
) -> None:
    key: PluginKey = parse_plugin_key(kind, text)
    assert level_variable(key) == name
