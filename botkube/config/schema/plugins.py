"""`plugins`: the cache, the repositories and the supervision of plugin processes."""

import math
from collections.abc import Mapping
from typing import ClassVar, Final, Literal

import msgspec

from botkube.config.schema.isolation import LimitSettings, Override, SandboxSettings
from botkube.config.schema.values import Port, Seconds, Secret, Size

DEFAULT_HEALTH_INTERVAL = 10.0
DEFAULT_RESTART_PERIOD = 600.0
SIGNATURE_POLICIES: Final = ("require", "warn", "off")
POLICIES = ("DeactivatePlugin", "RestartAgent")


class Signature(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How an index must be signed; a key without a policy means `require`."""

    public_key: str = ""
    policy: str = ""

    @property
    def rule(self) -> Literal["require", "warn", "off"]:
        """The policy in use; an unknown one, which is an error elsewhere, counts as the strictest."""
        given = self.policy.lower() or ("require" if self.public_key else "off")
        return "warn" if given == "warn" else "off" if given == "off" else "require"


class Repository(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Where the index of one plugin repository is, where it is else, and how it is reached."""

    url: str = ""
    mirrors: tuple[str, ...] = ()
    headers: Mapping[str, Secret] = {}
    signature: Signature = Signature()
    proxy: Secret = Secret()  # it may hold a password
    ca_file: str = ""


class Hmac(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How a sender signs the body, by default as GitHub does."""

    secret: Secret = Secret()
    header: str = "X-Hub-Signature-256"
    algorithm: str = "sha256"


class WebhookAccess(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a sender has to know; of two it has to know both, of none nothing."""

    token: Secret | None = None
    hmac: Hmac | None = None

    @property
    def guarded(self) -> bool:
        """Whether a sender has to know something."""
        return self.token is not None or self.hmac is not None


class IncomingWebhook(WebhookAccess, frozen=True, kw_only=True, rename="camel"):
    """Requests that sources take; no port of their own unless one is named."""

    quiet_keys: ClassVar[frozenset[str]] = frozenset({"targetPort"})
    """The original's chart reads it for its Service."""

    enabled: bool | None = None
    port: Port | None = None
    in_cluster_base_url: str = msgspec.field(name="inClusterBaseURL", default="")
    max_size: Size = 2**20
    timeout: Seconds = 30.0

    def is_on(self, *, exposed: bool) -> bool:
        """Whether requests are taken; if nobody said so, not where strangers could send them.

        `exposed`: others than this machine reach the one listener.
        """
        if self.enabled is None:
            return self.port is not None or self.guarded or not exposed
        return self.enabled


class RestartPolicy(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """`plugins.restartPolicy`: so many restarts within `period`, then the plugin or the program is given up."""

    type: str = POLICIES[0]
    threshold: int = 10
    period: Seconds = DEFAULT_RESTART_PERIOD

    @property
    def escalates(self) -> bool:
        """Whether the program ends when a plugin is given up; an unknown type counts as the default."""
        return self.type.lower() == POLICIES[1].lower()

    @property
    def limit(self) -> int:
        """The restarts in use: fewer than none are none."""
        return max(self.threshold, 0)

    @property
    def window(self) -> float:
        """The period in use; zero counts for as long as the program runs."""
        return self.period if self.period > 0 else math.inf


class PluginSettings(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """`plugins`; `env` names variables passed on to plugins beyond the allow-list.

    `overrides` has what differs for one plugin, by its key as in `executors` and `sources`.
    """

    cache_dir: str = ""
    lock_file: str = ""
    repositories: Mapping[str, Repository] = {}
    incoming_webhook: IncomingWebhook = IncomingWebhook()
    restart_policy: RestartPolicy = RestartPolicy()
    health_check_interval: Seconds = DEFAULT_HEALTH_INTERVAL
    env: tuple[str, ...] = ()
    limits: LimitSettings = LimitSettings()
    sandbox: SandboxSettings = SandboxSettings()
    overrides: Mapping[str, Override] = {}

    @property
    def health_interval(self) -> float:
        """The interval in use: one below a second counts as not set."""
        given = self.health_check_interval
        return given if given >= 1 else DEFAULT_HEALTH_INTERVAL
