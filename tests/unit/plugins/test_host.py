from pathlib import Path

import msgspec
import pytest

from botkube.model.plugin import parse_plugin_key
from botkube.plugins.catalog import Program
from botkube.plugins.host import HostSettings, Launch, describe_end, plugin_child, restart_policy
from botkube.plugins.slot import PluginSlot

KEY = parse_plugin_key("executor", "botkube/kubectl@v1")
SETTINGS = HostSettings(
    environ={"PATH": "/bin"},
    locate=lambda _: Program(argv=("/bin/true",)),
    runtime_dir=Path("/run/x"),
    record_dir=Path("/state/x"),
    policy=restart_policy(),
)
LAUNCH = Launch(key=KEY, identity="one file")


def fingerprint(launch: Launch = LAUNCH, settings: HostSettings = SETTINGS) -> str:
    return plugin_child(launch, PluginSlot(KEY), settings).fingerprint


def test_the_child_is_named_after_kind_and_key() -> None:
    assert (
        plugin_child(LAUNCH, PluginSlot(KEY), SETTINGS).name == "plugin:executor/botkube/kubectl@v1"
    )


def test_the_fingerprint_is_that_of_file_and_environment() -> None:
    assert fingerprint() == fingerprint()
    replace = msgspec.structs.replace
    changed = [
        fingerprint(replace(LAUNCH, identity="another file")),
        fingerprint(replace(LAUNCH, kubeconfig="/kubeconfig")),
        fingerprint(settings=replace(SETTINGS, environ={"PATH": "/sbin"})),
    ]
    assert len({fingerprint(), *changed}) == 4
    assert (
        fingerprint(settings=replace(SETTINGS, environ={"PATH": "/bin", "OTHER": "1"}))
        == fingerprint()
    )


def test_the_default_policy() -> None:
    policy = restart_policy()
    assert (policy.max_restarts, policy.period, policy.give_up) == (10, 600, "park")
    assert (policy.backoff.first, policy.backoff.maximum) == (0.1, 30)
    assert policy.parked_retry is not None
    assert policy.start_timeout > 60  # ours is first, and says which step was late


@pytest.mark.parametrize(
    ("reason", "code", "words", "text"),
    [
        ("", 3, "", "the plugin exited with code 3"),
        ("", 0, "bye", "the plugin exited with code 0; its last words: bye"),
        ("", -9, "", "the plugin was killed by SIGKILL"),
        ("", -60, "", "the plugin was killed by signal 60"),
        ("", None, "", "the plugin ended"),
        ("it was late", -9, "wait", "it was late; its last words: wait"),
    ],
)
def test_the_end_is_one_sentence(reason: str, code: int | None, words: str, text: str) -> None:
    assert describe_end(reason, code, words) == text
