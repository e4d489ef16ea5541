"""What the configuration gives a plugin: whom it is towards the cluster, its sandbox, its limits. Pure."""

import msgspec

from botkube.app.plugins.isolation import limits_of, sandbox_of
from botkube.config import Config
from botkube.config.schema.isolation import SandboxSettings
from botkube.model.plugin import PluginKey
from botkube.model.rbac import Rbac, impersonation
from botkube.plugins.limits import Limits


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a plugin is in one group of `executors` or `sources`."""

    group: str
    enabled: bool
    rbac: Rbac | None = None

    @property
    def text(self) -> str:
        """It in words."""
        if self.rbac is None or not self.rbac.wanted:
            return "no kubeconfig"
        account = self.rbac.service_account
        token = f"the token of {account.namespace}/{account.name}" if account.name else ""
        shown = impersonation(self.rbac, "CHANNEL" if self.rbac.by_channel else "")
        user = f"as user {shown.user}" if shown.user else ""
        groups = f"in {', '.join(shown.groups)}" if shown.groups else ""
        return f"a kubeconfig {' '.join(filter(None, (user, groups, token and f'with {token}')))}"


class Granted(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a plugin gets."""

    identities: tuple[Identity, ...]
    sandbox: SandboxSettings
    limits: Limits


def granted(config: Config, key: PluginKey) -> Granted:
    """Return what a plugin gets, in every group that names it."""
    groups = config.sources if key.kind == "source" else config.executors
    return Granted(
        identities=tuple(
            Identity(group=name, enabled=entry.enabled, rbac=entry.context.rbac)
            for name, group in groups.items()
            for text, entry in group.plugins.items()
            if text == str(key)
        ),
        sandbox=sandbox_of(config, key),
        limits=limits_of(config, key),
    )
