"""What the configuration says of limits and sandboxes, for each plugin. Pure."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from botkube.config import Config
from botkube.config.schema.isolation import LimitSettings, SandboxSettings, overlaid
from botkube.kube.access import IN_CLUSTER
from botkube.model.plugin import PluginKey
from botkube.plugins.limits import Limits
from botkube.plugins.users import AUTO

BOUNDS: Final = ("cpus", "memory", "processes")  # those that a control group keeps


def limits_of(config: Config, key: PluginKey) -> Limits:
    """Give the limits of one plugin: those set for it, else for all, else the defaults."""
    return overlaid(Limits(), _limit_settings(config, key))


def bounds_set(config: Config, keys: Iterable[PluginKey]) -> frozenset[str]:
    """Name the bounds that the configuration sets for a plugin: to miss one of those is worth a word."""
    settings = [_limit_settings(config, key) for key in keys]
    return frozenset(n for n in BOUNDS for given in settings if getattr(given, n) is not None)


def sandbox_of(config: Config, key: PluginKey) -> SandboxSettings:
    """Give the sandbox of one plugin, with a default for everything."""
    defaults = SandboxSettings(enabled=False, user=AUTO, readable=(), writable=(), network=True)
    override = config.plugins.overrides.get(str(key))
    given = overlaid(defaults, config.plugins.sandbox)
    return overlaid(given, override.sandbox) if override else given


def _limit_settings(config: Config, key: PluginKey) -> LimitSettings:
    override = config.plugins.overrides.get(str(key))
    given = config.plugins.limits
    return overlaid(given, override.limits) if override else given


def kubeconfigs(config: Config, environ: Mapping[str, str]) -> tuple[Path, ...]:
    """Name the kubeconfigs that we may use."""
    named = (config.settings.kubeconfig, *environ.get("KUBECONFIG", "").split(":"))
    return tuple(Path(name) for name in named if name)


def hidden_paths(
    config: Config,
    environ: Mapping[str, str],
    *,
    directories: Iterable[Path],
    config_paths: Iterable[Path],
) -> tuple[str, ...]:
    """Name our directories, our configuration and the credentials that we use: no sandbox shows them."""
    settings = config.settings
    prefix = settings.sa_credentials_path_prefix
    named = (
        *directories,
        *config_paths,
        *kubeconfigs(config, environ),
        *((f"{prefix}-token", f"{prefix}-ca.crt") if prefix else ()),
        IN_CLUSTER,
    )
    return tuple(str(Path(path).absolute()) for path in named if str(path))
