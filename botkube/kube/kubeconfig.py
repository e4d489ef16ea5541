"""Writes the kubeconfig that a plugin gets; pure. Its fields are those of the original's."""

from collections.abc import Mapping
from typing import Final

from botkube.config.tree.write import to_yaml
from botkube.kube.access import ClusterAccess
from botkube.model.rbac import Rbac, impersonation

NAMESPACE: Final = "default"
UNNAMED: Final = "default"


def generate(
    access: ClusterAccess, rbac: Rbac, *, cluster_name: str, channel: str = "", token_file: str = ""
) -> bytes:
    """Give the kubeconfig of a plugin, as YAML.

    With `token_file`, the token of the plugin's own service account, nothing of our own credentials is in it.
    """
    name = cluster_name or UNNAMED
    return to_yaml(
        {
            "kind": "Config",
            "apiVersion": "v1",
            "preferences": {},
            "clusters": [{"name": name, "cluster": _cluster(access)}],
            "users": [{"name": name, "user": _user(access, rbac, channel, token_file)}],
            "contexts": [
                {"name": name, "context": {"cluster": name, "namespace": NAMESPACE, "user": name}}
            ],
            "current-context": name,
        }
    )


def _cluster(access: ClusterAccess) -> dict[str, object]:
    # The authority itself instead of its path: a plugin need not be let into the directory of our token for it.
    authority = {"certificate-authority-data": access.ca_data}
    optional = {
        "tls-server-name": access.server_name,
        "proxy-url": access.proxy,
        "insecure-skip-tls-verify": access.insecure,
    }
    return {"server": access.server} | _set(authority) | _set(optional)


def _user(access: ClusterAccess, rbac: Rbac, channel: str, token_file: str) -> dict[str, object]:
    ours = {
        "token": access.token,
        "tokenFile": access.token_file,
        "client-certificate-data": access.certificate_data,
        "client-key-data": access.key_data,
    }
    credentials = {"tokenFile": token_file} if token_file else ours
    whom = impersonation(rbac, channel)
    return _set(credentials) | _set({"as": whom.user, "as-groups": list(whom.groups)})


def _set(fields: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in fields.items() if value}
