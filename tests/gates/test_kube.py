"""Plugins in a real cluster: who they are there, what they may do, and what they never get to hold."""

import base64
import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import trio

from tests.fakes.gopeers import go_peers
from tests.fakes.kube import Cluster, documented, kubectl, needed, running_cluster
from tests.fakes.program import Api, Frames, Program, text_of
from tests.gates.conftest import Launch
from tests.gates.looks import plugin_pids

pytestmark = [pytest.mark.real, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
PEER = "gate/peer"
PLATFORM_SECRET = "xoxb-of-the-platform"
OWN_USER = "botkube-reader"
ACCOUNT = {"namespace": "botkube", "name": "botkube-kubectl"}
AGENT = """
apiVersion: v1
kind: ServiceAccount
metadata: {name: botkube, namespace: botkube}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: botkube-impersonates}
rules: [{apiGroups: [""], resources: [users, groups], verbs: [impersonate]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: botkube-impersonates}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: botkube-impersonates}
subjects: [{kind: ServiceAccount, name: botkube, namespace: botkube}]
"""


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with (
        tempfile.TemporaryDirectory(prefix="bk-kube-", dir="/tmp") as path,
        running_cluster(Path(path)) as found,
    ):
        found.apply(documented(ROOT / "docs" / "permissions.md"))
        found.apply(AGENT)
        found.pod("web")
        yield found


@pytest.fixture
def agent(cluster: Cluster, folder: Path) -> str:
    """The kubeconfig of the program itself, with a token that may do what the page says."""
    token = cluster.token_of("botkube", "botkube")
    return str(cluster.kubeconfig_of(token, folder / "agent.kubeconfig"))


def config(folder: Path, agent: str, rbac: object, **more: object) -> str:
    """Channels `ops` and `dev` with the Go peer, which has this identity."""
    executors = {"tools": {PEER: {"enabled": True, "context": {"rbac": rbac}}}}
    bindings = {"executors": ["tools"], "sources": list(more.get("sources", {}))}  # type: ignore[call-overload]
    channels = {name: {"name": name, "bindings": bindings} for name in ("ops", "dev")}
    return json.dumps(
        {
            "settings": {"clusterName": "gate", "kubeconfig": agent},
            "plugins": {
                "cacheDir": str(folder / "cache"),
                "repositories": {
                    name: {"url": "https://plugins.invalid/index.yaml"}
                    for name in ("gate", "botkube")
                },
            },
            "executors": executors,
            "communications": {"default": {"playground": {"enabled": True, "channels": channels}}},
            **more,
        }
    )


def start(launch: Launch, folder: Path, text: str) -> Program:
    go_peers().put(folder / "cache", "gate", "executor", "peer")
    return launch(text, SLACK_BOT_TOKEN=PLATFORM_SECRET)


def static(value: str, **more: object) -> dict[str, object]:
    return {"user": {"type": "Static", "static": {"value": value}}, **more}


async def whoami(api: Api, channel: str) -> tuple[str, list[str]]:
    """Who the API server takes the plugin for."""
    reply = json.loads(text_of(await api.ask(channel, "@Botkube peer get whoami")))
    info = reply["status"]["userInfo"]
    return info["username"], info.get("groups", [])


MAPPINGS = {
    "static": (static(OWN_USER), OWN_USER, OWN_USER),
    "prefix": (
        {"user": {"type": "Static", "prefix": "botkube-", "static": {"value": "reader"}}},
        OWN_USER,
        OWN_USER,
    ),
    "channel": ({"user": {"type": "ChannelName", "prefix": "bk-"}}, "bk-ops", "bk-dev"),
    "default": (
        {"group": {"type": "Static", "prefix": "g-", "static": {"values": ["x"]}}},
        "botkube-internal-static-user",
        "botkube-internal-static-user",
    ),
}


@pytest.mark.parametrize("name", MAPPINGS)
async def test_whom_the_server_sees(launch: Launch, folder: Path, agent: str, name: str) -> None:
    rbac, in_ops, in_dev = MAPPINGS[name]
    program = start(launch, folder, config(folder, agent, rbac))
    with trio.fail_after(200):
        async with program.connected() as api:
            ops, groups = await whoami(api, "ops")
            dev, _ = await whoami(api, "dev")
    assert (ops, dev) == (in_ops, in_dev)
    assert ("g-x" in groups) is (name == "default")
    assert program.stop() == 0


@pytest.mark.parametrize("own_account", [False, True], ids=["our token", "its own account"])
async def test_lists_and_watches_what_the_role_allows(
    launch: Launch, folder: Path, cluster: Cluster, agent: str, *, own_account: bool
) -> None:
    rbac = static(OWN_USER, **({"serviceAccount": ACCOUNT} if own_account else {}))
    program = start(launch, folder, config(folder, agent, rbac))
    with trio.fail_after(200):
        async with program.connected() as api:
            pods = await api.ask("ops", "@Botkube peer list /api/v1/namespaces/default/pods")
            assert text_of(pods) == "1 items"
            seen = await api.ask("ops", "@Botkube peer watch /api/v1/namespaces/default/pods")
            assert json.loads(text_of(seen))["object"]["metadata"]["name"] == "web"
            for path in ("/api/v1/secrets", "/api/v1/namespaces/kube-system/configmaps"):
                refused = await api.ask("ops", f"@Botkube peer list {path}")
                assert "403" in text_of(refused)
                assert f'User \\"{OWN_USER}\\" cannot list' in text_of(refused)
            holds_no_secret(program, cluster, agent, own_account=own_account)
    pid = plugin_pids(program)[PEER]
    place = Path(variable(pid, "TMPDIR"))
    assert program.stop() == 0
    assert not place.exists()


def holds_no_secret(program: Program, cluster: Cluster, agent: str, *, own_account: bool) -> None:
    """Neither the environment nor a file of the plugin holds a credential that is not its own."""
    pid = plugin_pids(program)[PEER]
    environ = Path(f"/proc/{pid}/environ").read_text()
    files = [path for path in Path(variable(pid, "TMPDIR")).rglob("*") if path.is_file()]
    assert all(path.stat().st_mode & 0o077 == 0 for path in files)
    held = environ + "".join(path.read_text() for path in files)
    ours = json.dumps(Path(agent).read_text())
    token = ours.split("token: ")[1].split("}")[0]
    assert PLATFORM_SECRET not in held
    assert cluster.token not in held
    assert token not in environ
    assert (token in held) is not own_account
    assert (
        claims_of_tokens(held) == {"system:serviceaccount:botkube:botkube-kubectl"}
    ) is own_account


def claims_of_tokens(text: str) -> set[str]:
    """The subjects of the JSON web tokens in a text."""
    found = set()
    for word in text.replace('"', " ").replace("{", " ").split():
        parts = word.split(".")
        if len(parts) == 3 and parts[0].startswith("eyJ"):
            found.add(json.loads(base64.urlsafe_b64decode(parts[1] + "==="))["sub"])
    return found


def variable(pid: int, name: str) -> str:
    entries = Path(f"/proc/{pid}/environ").read_text().split("\0")
    return dict(entry.split("=", 1) for entry in entries if "=" in entry)[name]


async def test_an_account_that_we_may_not_use(launch: Launch, folder: Path, agent: str) -> None:
    rbac = static(OWN_USER, serviceAccount={"namespace": "default", "name": "default"})
    program = start(launch, folder, config(folder, agent, rbac))
    with trio.fail_after(200):
        async with program.connected() as api:
            reply = await api.ask("ops", "@Botkube peer list /api/v1/pods")
            # Before and after its first attempt to start.
            assert any(x in text_of(reply) for x in ("starting or restarting", "is not running"))
            part = (await api.client.get("/readyz")).json()["parts"][f"plugin:{PEER}"]
    assert "cannot get a token for the service account default/default: 403" in part["reason"]
    assert "cannot create resource" in part["reason"]


async def test_the_originals_own_plugins(launch: Launch, folder: Path, cluster: Cluster) -> None:
    original = needed("original", "BOTKUBE_ORIGINAL_PLUGINS")
    cache = folder / "cache" / "botkube"
    cache.mkdir(parents=True)
    for kind, name in (("source", "kubernetes"), ("executor", "kubectl")):
        shutil.copy2(original / name, cache / f"{kind}_v1.14.0_{name}")
    deps = cache / "executor_v1.14.0_kubectl_deps"
    deps.mkdir()
    (deps / "kubectl").symlink_to(Path(kubectl()).resolve())
    identity = {"rbac": {"group": {"type": "Static", "static": {"values": ["system:masters"]}}}}
    resources = [
        {"type": "v1/pods", "namespaces": {"include": [".*"]}, "event": {"types": ["create"]}}
    ]
    text = config(
        folder,
        str(cluster.kubeconfig),
        {},
        sources={
            "k8s": {
                "displayName": "Kubernetes",
                "botkube/kubernetes": {
                    "enabled": True,
                    "context": identity,
                    "config": {
                        "event": {"types": ["create"]},
                        "resources": resources,
                        "log": {"level": "debug"},
                    },
                },
            }
        },
        executors={
            "tools": {
                "botkube/kubectl": {
                    "enabled": True,
                    "context": identity,
                    "config": {"defaultNamespace": "default"},
                }
            }
        },
    )
    program = launch(text)
    with trio.fail_after(200):
        async with program.connected() as api, api.stream(after=0) as frames:
            reply = await api.ask("ops", "@Botkube kubectl get pods")
            assert "web" in text_of(reply), text_of(reply)
            async with trio.open_nursery() as nursery:
                nursery.start_soon(new_pods, cluster)
                await notification_of(frames, "hello-from-the-test")
                nursery.cancel_scope.cancel()
    assert program.stop() == 0


async def new_pods(cluster: Cluster) -> None:
    """A Pod every second: the source reports those that come after it has begun to watch, and does not say when."""
    for number in range(60):
        cluster.pod(f"hello-from-the-test-{number}")
        await trio.sleep(1)


async def notification_of(frames: Frames, name: str) -> None:
    while True:
        frame = await frames.next()
        if (
            isinstance(frame["body"], dict)
            and frame["body"].get("event_id")
            and name in json.dumps(frame)
        ):
            return
