"""`plugins`: the cache, the repositories and the supervision of plugin processes."""

from collections.abc import Mapping

import msgspec

from botkube.config.schema.values import Port, Seconds, Secret

DEFAULT_HEALTH_INTERVAL = 10.0


class Repository(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Where the index of one plugin repository is."""

    url: str = ""
    headers: Mapping[str, Secret] = {}


class IncomingWebhook(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The listener for requests that sources take; no port unless one is named."""

    enabled: bool = False
    port: Port | None = None
    in_cluster_base_url: str = msgspec.field(name="inClusterBaseURL", default="")


class RestartPolicy(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """`plugins.restartPolicy`."""

    type: str = "DeactivatePlugin"
    threshold: int = 10


class PluginSettings(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """`plugins`; `env` names variables passed on to plugins beyond the allow-list."""

    cache_dir: str = ""
    repositories: Mapping[str, Repository] = {}
    incoming_webhook: IncomingWebhook = IncomingWebhook()
    restart_policy: RestartPolicy = RestartPolicy()
    health_check_interval: Seconds = DEFAULT_HEALTH_INTERVAL
    env: tuple[str, ...] = ()

    @property
    def health_interval(self) -> float:
        """The interval in use: one below a second counts as not set."""
        given = self.health_check_interval
        return given if given >= 1 else DEFAULT_HEALTH_INTERVAL
