"""Where the cluster is: files, environment, pod; and what is wrong with them."""

import base64
from pathlib import Path

import pytest
import yaml

from botkube.kube.access import ClusterAccess, credential_files, find_access
from botkube.model.errors import ConfigError


def kubeconfig(folder: Path, cluster: object = None, user: object = None, **more: object) -> Path:
    content = {
        "current-context": "c",
        "clusters": [{"name": "k", "cluster": cluster or {"server": "https://x:6443/"}}],
        "users": [{"name": "u", "user": user or {"token": "t"}}],
        "contexts": [{"name": "c", "context": {"cluster": "k", "user": "u"}}],
        **more,
    }
    path = folder / "kubeconfig"
    path.write_text(yaml.safe_dump(content))
    return path


def found(path: Path) -> ClusterAccess:
    access = find_access(str(path), "", {})
    assert access is not None
    return access


def test_nothing_is_configured() -> None:
    assert find_access("", "", {}) is None
    assert find_access("", "", {"KUBECONFIG": "/not/there"}) is None


def test_a_named_file_wins(tmp_path: Path) -> None:
    path = kubeconfig(tmp_path)
    environ = {"KUBECONFIG": "/not/there", "KUBERNETES_SERVICE_HOST": "10.0.0.1"}
    assert find_access(str(path), "", environ) == found(path)
    assert found(path) == ClusterAccess(server="https://x:6443", token="t")


def test_the_first_file_of_the_variable(tmp_path: Path) -> None:
    path = kubeconfig(tmp_path)
    assert find_access("", "", {"KUBECONFIG": f"/not/there:{path}"}) == found(path)


def test_files_beside_it_are_read(tmp_path: Path) -> None:
    for name in ("ca", "crt", "key"):
        (tmp_path / name).write_text(name)
    (tmp_path / "token").write_text("fresh\n")
    cluster = {
        "server": "https://x",
        "certificate-authority": "ca",
        "tls-server-name": "s",
        "proxy-url": "http://p",
    }
    user = {"tokenFile": "token", "client-certificate": "crt", "client-key": "key"}
    access = found(kubeconfig(tmp_path, cluster, user))
    assert access == ClusterAccess(
        server="https://x",
        ca_file=str(tmp_path / "ca"),
        ca_data=base64.b64encode(b"ca").decode(),
        token_file=str(tmp_path / "token"),
        certificate_data=base64.b64encode(b"crt").decode(),
        key_data=base64.b64encode(b"key").decode(),
        server_name="s",
        proxy="http://p",
    )
    assert access.fresh().token == "fresh"


def test_in_a_pod(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("pod")
    (tmp_path / "ca.crt").write_text("ca")
    environ = {"KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "6443"}
    access = find_access("", "", environ, in_cluster=tmp_path)
    assert access is not None
    assert (access.server, access.fresh().token) == ("https://[fd00::1]:6443", "pod")


def test_in_a_pod_with_a_prefix(tmp_path: Path) -> None:
    (tmp_path / "sa-token").write_text("pod")
    (tmp_path / "sa-ca.crt").write_text("ca")
    access = find_access("", f"{tmp_path}/sa", {"KUBERNETES_SERVICE_HOST": "10.0.0.1"})
    assert access is not None
    assert access.token_file == f"{tmp_path}/sa-token"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"user": {"exec": {"command": "aws"}}}, "`exec`, which is not supported"),
        ({"user": {"auth-provider": {"name": "gcp"}}}, "`auth-provider`"),
        ({"cluster": {"insecure-skip-tls-verify": True}}, "names no server"),
        ({"cluster": {"server": "https://x", "certificate-authority": "gone"}}, "cannot be read"),
        ({"current-context": "other"}, "current context 'other'"),
        ({"users": [{"name": "u", "user": {"token": 5}}]}, "no kubeconfig that can be read"),
    ],
)
def test_what_cannot_be_used_is_named(
    tmp_path: Path, change: dict[str, object], words: str
) -> None:
    path = kubeconfig(tmp_path, **change)
    with pytest.raises(ConfigError, match=words):
        find_access(str(path), "", {})


def test_no_secret_is_shown() -> None:
    assert "secret" not in repr(
        ClusterAccess(server="https://x", token="secret", key_data="secret")
    )


def test_the_files_that_hold_our_credentials(tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_text(
        "users:\n"
        "- {name: a, user: {tokenFile: token, client-key: /etc/key}}\n"
        "- {name: b, user: {client-certificate: cert, token: inline}}\n"
    )
    assert credential_files(file) == (tmp_path / "token", Path("/etc/key"), tmp_path / "cert")
    file.write_text("[")
    assert credential_files(file) == ()
    assert credential_files(tmp_path / "absent") == ()
