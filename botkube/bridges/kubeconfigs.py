"""Where bridges get the kubeconfig that goes with a call."""

from typing import Protocol

from botkube.model.plugin import PluginKey
from botkube.model.rbac import Rbac


class KubeConfigs(Protocol):
    """Gives plugins their identity towards the cluster."""

    def get(self, key: PluginKey, rbac: Rbac | None, channel: str) -> bytes:
        """Give the kubeconfig for one call or stream; empty if the plugin is to have none.

        Raises:
            PluginUnavailable: it is to have one and cannot.
        """
        ...


class NoCluster:
    """No plugin gets a kubeconfig."""

    def get(self, key: PluginKey, rbac: Rbac | None, channel: str) -> bytes:  # noqa: ARG002 - the Protocol's
        """Give none."""
        return b""
