"""How the program itself reaches the cluster: from a kubeconfig file, or from inside a pod.

Reads files once, at the start; a token file is named, not read, since its content is renewed.
"""

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from botkube.model.errors import ConfigError
from botkube.runtime.override import override

IN_CLUSTER: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount")
_UNSUPPORTED: Final = ("exec", "auth-provider", "username")


class ClusterAccess(msgspec.Struct, frozen=True, kw_only=True):
    """Where the API server is and who we are there; `*_data` is base64 of PEM, as in a kubeconfig."""

    server: str
    ca_file: str = ""
    ca_data: str = ""
    token: str = ""
    token_file: str = ""
    certificate_data: str = ""
    key_data: str = ""
    server_name: str = ""
    proxy: str = ""
    insecure: bool = False

    @override
    def __repr__(self) -> str:
        """Show where, never as whom."""
        return f"ClusterAccess(server={self.server!r})"

    def fresh(self) -> "ClusterAccess":
        """The same access with the token of now, if that is in a file.

        Raises: OSError if the token file cannot be read.
        """
        if not self.token_file:
            return self
        return msgspec.structs.replace(self, token=Path(self.token_file).read_text().strip())


class _Cluster(msgspec.Struct, rename="kebab"):
    server: str = ""
    certificate_authority: str = ""
    certificate_authority_data: str = ""
    tls_server_name: str = ""
    proxy_url: str = ""
    insecure_skip_tls_verify: bool = False


class _User(msgspec.Struct, rename="kebab"):
    token: str = ""
    token_file: str = msgspec.field(default="", name="tokenFile")
    client_certificate: str = ""
    client_certificate_data: str = ""
    client_key: str = ""
    client_key_data: str = ""
    exec: object = None
    auth_provider: object = None
    username: str = ""


class _Context(msgspec.Struct):
    cluster: str = ""
    user: str = ""


class _NamedCluster(msgspec.Struct):
    name: str
    cluster: _Cluster


class _NamedUser(msgspec.Struct):
    name: str
    user: _User


class _NamedContext(msgspec.Struct):
    name: str
    context: _Context


class _File(msgspec.Struct, rename="kebab"):
    current_context: str = ""
    clusters: tuple[_NamedCluster, ...] = ()
    users: tuple[_NamedUser, ...] = ()
    contexts: tuple[_NamedContext, ...] = ()


def find_access(
    kubeconfig: str, prefix: str, environ: Mapping[str, str], *, in_cluster: Path = IN_CLUSTER
) -> ClusterAccess | None:
    """Find our access: `settings.kubeconfig`, else KUBECONFIG, else that of a pod; None if there is no cluster.

    `prefix` is `settings.saCredentialsPathPrefix`: in a pod the files are `<prefix>-token` and `<prefix>-ca.crt`.

    Raises: ConfigError if a file is named that cannot be used.
    """
    if kubeconfig:
        return read_kubeconfig(Path(kubeconfig), "settings.kubeconfig")
    for name in filter(None, environ.get("KUBECONFIG", "").split(":")):
        if Path(name).exists():
            return read_kubeconfig(Path(name), "KUBECONFIG")
    if environ.get("KUBERNETES_SERVICE_HOST"):
        return _of_pod(prefix, environ, in_cluster)
    return None


def read_kubeconfig(path: Path, key: str) -> ClusterAccess:
    """Read the current context of a kubeconfig file; `key` is what named it.

    Raises: ConfigError.
    """
    import yaml  # noqa: PLC0415 - only where there is a kubeconfig

    try:
        content = yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
        file = msgspec.convert(content or {}, _File)
    except (OSError, yaml.YAMLError, msgspec.ValidationError) as error:
        raise ConfigError(f"{key}: {path} is no kubeconfig that can be read: {error}") from error
    contexts = {item.name: item.context for item in file.contexts}
    clusters = {item.name: item.cluster for item in file.clusters}
    users = {item.name: item.user for item in file.users} | {"": _User()}
    context = contexts.get(file.current_context)
    if context is None or context.cluster not in clusters or context.user not in users:
        raise ConfigError(
            f"{key}: the current context {file.current_context!r} of {path} is not complete in it"
        )
    return _access(clusters[context.cluster], users[context.user], key, path)


def credential_files(kubeconfig: Path) -> tuple[Path, ...]:
    """Name the files that a kubeconfig takes credentials from (reads it: call it in a thread); none if it is no such."""
    import yaml  # noqa: PLC0415 - only where there is a kubeconfig

    try:
        content = yaml.load(kubeconfig.read_bytes(), Loader=yaml.CSafeLoader)
        users = msgspec.convert(content or {}, _File).users
    except (OSError, yaml.YAMLError, msgspec.ValidationError):
        return ()
    named = (
        name
        for item in users
        for name in (item.user.token_file, item.user.client_certificate, item.user.client_key)
    )
    return tuple(kubeconfig.parent / name for name in named if name)


def _access(cluster: _Cluster, user: _User, key: str, path: Path) -> ClusterAccess:
    for name in _UNSUPPORTED:
        if getattr(user, name.replace("-", "_")):
            raise ConfigError(
                f"{key}: {path} gets its credentials by `{name}`, which is not supported; "
                "use a token, a tokenFile or a client certificate"
            )
    if not cluster.server:
        raise ConfigError(f"{key}: {path} names no server in its current context")

    def data(inline: str, file: str) -> str:
        return inline or _encoded(path.parent / file if file else None, key)

    return ClusterAccess(
        server=cluster.server.rstrip("/"),
        ca_file=str(path.parent / cluster.certificate_authority)
        if cluster.certificate_authority
        else "",
        ca_data=data(cluster.certificate_authority_data, cluster.certificate_authority),
        token=user.token,
        token_file=str(path.parent / user.token_file) if user.token_file else "",
        certificate_data=data(user.client_certificate_data, user.client_certificate),
        key_data=data(user.client_key_data, user.client_key),
        server_name=cluster.tls_server_name,
        proxy=cluster.proxy_url,
        insecure=cluster.insecure_skip_tls_verify,
    )


def _of_pod(prefix: str, environ: Mapping[str, str], folder: Path) -> ClusterAccess:
    host, port = environ["KUBERNETES_SERVICE_HOST"], environ.get("KUBERNETES_SERVICE_PORT", "443")
    shown = f"[{host}]" if ":" in host else host
    token = Path(f"{prefix}-token") if prefix else folder / "token"
    authority = Path(f"{prefix}-ca.crt") if prefix else folder / "ca.crt"
    key = "settings.saCredentialsPathPrefix" if prefix else "the pod's service account"
    if not token.exists():
        raise ConfigError(f"{key}: there is no token at {token}")
    return ClusterAccess(
        server=f"https://{shown}:{port}",
        ca_file=str(authority),
        ca_data=_encoded(authority, key),
        token_file=str(token),
    )


def _encoded(file: Path | None, key: str) -> str:
    if file is None:
        return ""
    try:
        return base64.b64encode(file.read_bytes()).decode()
    except OSError as error:
        raise ConfigError(f"{key}: {file} cannot be read: {error.strerror}") from error
