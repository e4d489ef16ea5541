"""What a configuration says for each plugin."""

from pathlib import Path

import msgspec

from botkube.app.plugins.isolation import bounds_set, hidden_paths, limits_of, sandbox_of
from botkube.config import Config
from botkube.config.schema.isolation import LimitSettings, Override, SandboxSettings
from botkube.config.schema.plugins import PluginSettings
from botkube.config.schema.settings import Settings
from botkube.model.plugin import parse_plugin_key
from botkube.plugins.limits import Limits

ECHO, BEAT = (
    parse_plugin_key("executor", "builtin/echo"),
    parse_plugin_key("source", "a/b@v1"),
)
OVERRIDES = {
    "a/b@v1": Override(
        limits=LimitSettings(processes=99), sandbox=SandboxSettings(enabled=False, user="x")
    )
}


def config(limits: LimitSettings, sandbox: SandboxSettings) -> Config:
    plugins = PluginSettings(limits=limits, sandbox=sandbox, overrides=OVERRIDES)
    return Config(plugins=plugins)


def test_limits_are_those_of_the_plugin_else_of_all_else_the_defaults() -> None:
    given = config(LimitSettings(memory=2**29, open_files=1000), SandboxSettings())
    assert limits_of(given, ECHO) == Limits(memory=2**29, open_files=1000)
    assert limits_of(given, BEAT) == Limits(memory=2**29, open_files=1000, processes=99)


def test_a_sandbox_is_off_unless_it_is_enabled() -> None:
    assert not sandbox_of(Config(), ECHO).enabled
    given = config(LimitSettings(), SandboxSettings(enabled=True, readable=("/srv",)))
    assert sandbox_of(given, ECHO) == SandboxSettings(
        enabled=True, user="auto", readable=("/srv",), writable=(), network=True
    )
    special = sandbox_of(given, BEAT)
    assert (special.enabled, special.user, special.readable) == (False, "x", ("/srv",))


def test_the_bounds_that_somebody_asked_for() -> None:
    assert bounds_set(Config(), [ECHO]) == frozenset()
    given = config(LimitSettings(memory=1, open_files=9), SandboxSettings())
    assert bounds_set(given, [ECHO]) == {"memory"}
    assert bounds_set(given, [ECHO, BEAT]) == {"memory", "processes"}


def test_what_is_ours_is_hidden() -> None:
    settings = Settings(kubeconfig="/etc/kube", sa_credentials_path_prefix="/secrets/sa")
    found = hidden_paths(
        msgspec.structs.replace(Config(), settings=settings),
        {"KUBECONFIG": "/home/a/config:/home/b/config"},
        directories=[Path("/state"), Path("/run/plugins")],
        config_paths=[Path("/etc/botkube"), Path("relative.yaml")],
    )
    assert found[:2] == ("/state", "/run/plugins")
    assert {"/etc/botkube", str(Path("relative.yaml").absolute()), "/etc/kube"} <= {*found}
    assert {"/home/a/config", "/home/b/config"} <= {*found}
    assert {"/secrets/sa-token", "/secrets/sa-ca.crt"} <= {*found}
    assert "/var/run/secrets/kubernetes.io/serviceaccount" in found


def test_nothing_else_is() -> None:
    found = hidden_paths(Config(), {}, directories=[], config_paths=[])
    assert found == ("/var/run/secrets/kubernetes.io/serviceaccount",)
