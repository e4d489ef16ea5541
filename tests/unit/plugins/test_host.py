from pathlib import Path

import msgspec
import pytest
import trio

from botkube.model.plugin import parse_plugin_key
from botkube.plugins.catalog import Program
from botkube.plugins.errors import PluginUnusable
from botkube.plugins.host import (
    HostSettings,
    Launch,
    PluginHost,
    plugin_child,
    restart_policy,
)
from botkube.plugins.limits import Limits
from botkube.plugins.sandbox import Sandbox
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
        fingerprint(settings=replace(SETTINGS, environ={"PATH": "/sbin"})),
        fingerprint(replace(LAUNCH, limits=Limits(memory=2**30))),
        fingerprint(replace(LAUNCH, sandbox=Sandbox())),
        fingerprint(replace(LAUNCH, sandbox=Sandbox(network=False))),
        fingerprint(replace(LAUNCH, refused="why")),
    ]
    assert len({fingerprint(), *changed}) == 7
    assert (
        fingerprint(settings=replace(SETTINGS, environ={"PATH": "/bin", "OTHER": "1"}))
        == fingerprint()
    )


async def test_one_that_must_not_run_does_not() -> None:
    launch = msgspec.structs.replace(LAUNCH, refused="there is no user for it")
    with pytest.raises(PluginUnusable, match="there is no user for it"):
        await PluginHost(launch, PluginSlot(KEY), SETTINGS).run(
            task_status=trio.TASK_STATUS_IGNORED
        )


def test_the_default_policy() -> None:
    policy = restart_policy()
    assert (policy.max_restarts, policy.period, policy.give_up) == (10, 600, "park")
    assert (policy.backoff.first, policy.backoff.maximum) == (0.1, 30)
    assert policy.parked_retry is not None
    assert policy.start_timeout > 60  # ours is first, and says which step was late
