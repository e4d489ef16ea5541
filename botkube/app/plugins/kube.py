"""The cluster as plugins get to see it: found when the program starts, missed only by plugins that need it."""

import logging

import trio

from botkube.app.foundation import Base
from botkube.kube.access import ClusterAccess, find_access
from botkube.kube.credentials import Credentials
from botkube.model.errors import ConfigError

log = logging.getLogger(__name__)

NONE_KNOWN = "no cluster is known: set settings.kubeconfig or KUBECONFIG, or run in the cluster"


async def plugin_credentials(base: Base) -> Credentials:
    """Find the cluster if a plugin is to have an identity there."""
    access, why_not = await trio.to_thread.run_sync(_find, base)
    name = base.plan.config.settings.cluster_name
    return Credentials(access, cluster_name=name, wall=base.wall, why_not=why_not)


def _find(base: Base) -> tuple[ClusterAccess | None, str]:
    settings = base.plan.config.settings
    if not any(rbac.wanted for rbacs in base.plan.identities.values() for rbac in rbacs):
        return None, NONE_KNOWN
    try:
        access = find_access(settings.kubeconfig, settings.sa_credentials_path_prefix, base.environ)
    except ConfigError as error:  # not the end: playground and other plugins work without
        log.error("plugins get no kubeconfig: %s", error)  # noqa: TRY400 - the sentence says it all
        return None, str(error)
    return access, NONE_KNOWN
