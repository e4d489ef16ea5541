"""What this machine makes of limits and sandboxes, and what is said about it."""

import logging
import os
import shutil
from pathlib import Path

import pytest
import trio

from botkube.app.plugins.isolating import Division, Isolation, divide_own, isolate, look
from botkube.config import Config
from botkube.config.schema.isolation import LimitSettings, Override, SandboxSettings
from botkube.config.schema.plugins import PluginSettings
from botkube.model.plugin import parse_plugin_key
from botkube.plugins.sandbox import Sandbox
from botkube.plugins.users import EXCLUSIVE
from botkube.runtime.cgroup import ControlGroups

pytestmark = pytest.mark.real

ONE, OTHER = parse_plugin_key("executor", "a/one"), parse_plugin_key("executor", "a/other")
ON = SandboxSettings(enabled=True)
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to give others users")


def config(
    sandbox: SandboxSettings = ON,
    other: SandboxSettings | None = None,
    limits: LimitSettings | None = None,
) -> Config:
    overrides = {str(OTHER): Override(sandbox=other)} if other else {}
    plugins = PluginSettings(sandbox=sandbox, overrides=overrides, limits=limits or LimitSettings())
    return Config(plugins=plugins)


def nothing_divided() -> Division:
    return None, "our group is /x"


async def isolated(given: Config, division: Division | None = None) -> Isolation:
    with trio.fail_after(100):
        return await isolate(
            given,
            (ONE, OTHER),
            hidden=("/state",),
            salt="a",
            division=lambda: division or nothing_divided(),
        )


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.message for record in caplog.records if record.levelno >= logging.WARNING]


async def test_by_default_there_is_no_sandbox_and_nothing_to_complain_about(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    found = await isolated(Config())
    assert [plugin.sandbox for plugin in found.plugins.values()] == [None, None]
    assert found.plugins[ONE].limits.processes == 4096
    assert not warnings(caplog)
    assert ("plugins run as root" in caplog.text) == (os.geteuid() == 0)


async def test_bounds_that_cannot_be_kept_are_one_sentence(
    caplog: pytest.LogCaptureFixture,
) -> None:
    await isolated(config(SandboxSettings(), limits=LimitSettings(memory=2**30, cpus=1.0)))
    assert warnings(caplog) == [
        (
            "not kept: plugins.limits.cpus, plugins.limits.memory, as this needs a cgroup v2 of "
            "our own: our group is /x; run Botkube as a service with Delegate=yes, like "
            "build/botkube.service"
        )
    ]


async def test_a_missing_controller_is_named_by_its_limit(
    caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    groups = ControlGroups(tmp_path, frozenset({"cpu", "pids"}), shutil.rmtree)
    limits = LimitSettings(memory=2**30, cpus=1.0, processes=99)
    found = await isolated(config(SandboxSettings(), limits=limits), (groups, ""))
    assert found.groups is groups
    [said] = warnings(caplog)
    assert said.startswith("not kept: plugins.limits.memory, as this needs")


@AS_ROOT
async def test_each_gets_a_user_of_its_own(caplog: pytest.LogCaptureFixture) -> None:
    found = await isolated(config())
    one, other = found.plugins[ONE].sandbox, found.plugins[OTHER].sandbox
    assert one is not None
    assert other is not None
    assert one.user is not None
    assert other.user is not None
    assert one.user != other.user
    assert {one.user.uid, other.user.uid} <= set(EXCLUSIVE)
    assert (one.hidden, one.network) == (("/state",), True)
    assert "plugins run as root" not in caplog.text


@AS_ROOT
async def test_what_one_of_them_is_told_otherwise(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    other = SandboxSettings(user="65533:65532", network=False, readable=("/srv",))
    found = (await isolated(config(other=other))).plugins[OTHER].sandbox
    assert isinstance(found, Sandbox)
    assert found.user is not None
    assert (found.user.uid, found.user.gid, found.network) == (65533, 65532, False)
    assert found.readable == ("/srv",)
    found = (await isolated(config(other=SandboxSettings(enabled=False)))).plugins[OTHER].sandbox
    assert found is None
    assert "plugins run as root" in caplog.text


@AS_ROOT
async def test_one_that_cannot_have_its_user_must_not_run() -> None:
    found = await isolated(config(other=SandboxSettings(user="no-such-user")))
    assert found.plugins[OTHER].sandbox is None
    assert found.plugins[OTHER].refused.startswith(
        'plugins.sandbox.user: there is no user "no-such-user"'
    )
    assert not found.plugins[ONE].refused


async def test_who_is_not_root_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with trio.fail_after(100):
        said = await look(config(), (ONE, OTHER))
    assert said[0].startswith("sandbox: plugins keep the user of Botkube, as only root")


async def test_root_without_a_sandbox_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    [said] = await look(Config(), (ONE,))
    assert said.startswith("plugins run as root: set plugins.sandbox.enabled: true")
    assert await look(Config(), ()) == ()


def test_our_own_group_is_divided_or_it_is_said_why_not(monkeypatch: pytest.MonkeyPatch) -> None:
    def stranger(_: int) -> bool:
        return False  # what runs the tests is not to be moved

    monkeypatch.setattr("botkube.app.plugins.isolating.is_ours", stranger)
    groups, why_not = divide_own()
    assert groups is None
    assert why_not
