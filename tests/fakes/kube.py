"""A real API server (etcd, kube-apiserver and controller-manager in one process, `tests/kube`) for tests."""

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import yaml

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "botkube-tests"
START = 200.0
_PATHS = {
    "Namespace": "/api/v1/namespaces",
    "ServiceAccount": "/api/v1/namespaces/{namespace}/serviceaccounts",
    "Pod": "/api/v1/namespaces/{namespace}/pods",
    "Role": "/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}/roles",
    "RoleBinding": "/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}/rolebindings",
    "ClusterRole": "/apis/rbac.authorization.k8s.io/v1/clusterroles",
    "ClusterRoleBinding": "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
}


class Cluster:
    """A running API server and its administrator."""

    def __init__(self, kubeconfig: Path) -> None:
        self.kubeconfig = kubeconfig
        content = yaml.safe_load(kubeconfig.read_text())
        self.server = str(content["clusters"][0]["cluster"]["server"])
        self.token = str(content["users"][0]["user"]["token"])
        self._client = httpx.Client(
            base_url=self.server,
            verify=False,
            headers={"authorization": f"Bearer {self.token}"},
            trust_env=False,
        )

    def apply(self, text: str) -> None:
        """Create everything that a YAML text holds; what is there already is left."""
        for item in yaml.safe_load_all(text):
            namespace = item["metadata"].get("namespace", "default")
            path = _PATHS[item["kind"]].format(namespace=namespace)
            response = self._client.post(path, json=item)
            assert response.status_code in {201, 409}, response.text

    def pod(self, name: str, namespace: str = "default") -> None:
        """Create a Pod; nothing runs it."""
        container = {"name": "main", "image": "none"}
        item = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, "namespace": namespace},
        }
        item |= {"spec": {"containers": [container], "automountServiceAccountToken": False}}
        response = self._client.post(f"/api/v1/namespaces/{namespace}/pods", json=item)
        assert response.status_code == 201, response.text

    def token_of(self, namespace: str, account: str) -> str:
        """A token of a service account, from the administrator."""
        path = f"/api/v1/namespaces/{namespace}/serviceaccounts/{account}/token"
        body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
        response = self._client.post(path, json=body)
        assert response.status_code == 201, response.text
        return str(response.json()["status"]["token"])

    def kubeconfig_of(self, token: str, file: Path) -> Path:
        """A kubeconfig for somebody with this token."""
        file.write_text(self.kubeconfig.read_text().replace(self.token, token))
        return file

    def close(self) -> None:
        """Close the administrator's connections."""
        self._client.close()


@contextmanager
def running_cluster(folder: Path) -> Iterator[Cluster]:
    """Start one; ends it."""
    binary = needed("testkube", "BOTKUBE_TESTKUBE")
    with (folder / "out").open("wb") as out, (folder / "err").open("wb") as err:
        process = subprocess.Popen(  # noqa: TID251 - tests start servers
            [binary, "-dir", folder / "data", "-port", str(_free_port())],
            stdout=out, stderr=err, stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
    try:
        cluster = Cluster(_ready(folder / "out", process))
        yield cluster
        cluster.close()
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def needed(name: str, variable: str) -> Path:
    """A program that is built once; the test is skipped by name where it was not."""
    given = os.environ.get(variable)
    path = Path(given) if given else CACHE / name
    if not path.exists():
        pytest.skip(f"{name} is not built: run scripts/peers, or set {variable}")
    return path


def kubectl() -> str:
    """The kubectl of this machine."""
    path = shutil.which("kubectl")
    if path is None:
        pytest.skip("kubectl is missing: https://kubernetes.io/docs/tasks/tools")
    return path


def documented(page: Path) -> str:
    """The largest YAML block of a page: what a reader would apply."""
    blocks = re.findall(r"```yaml\n(.*?)```", page.read_text(), re.DOTALL)
    return str(max(blocks, key=len))


def _ready(out: Path, process: subprocess.Popen[bytes]) -> Path:  # noqa: TID251 - its type
    end = time.monotonic() + START
    while time.monotonic() < end:
        found = re.search(r"^READY (.+)$", out.read_text(), re.MULTILINE)
        if found:
            return Path(found[1])
        assert process.poll() is None, out.with_name("err").read_text()[-2000:]
        time.sleep(0.05)
    raise AssertionError("the API server did not become ready")


def _free_port() -> int:
    import socket  # noqa: PLC0415

    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
