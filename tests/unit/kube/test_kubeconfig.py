"""The kubeconfig of a plugin: the whole table of mappings, and what is never in it."""

import pytest
import yaml

from botkube.kube.access import ClusterAccess
from botkube.kube.kubeconfig import generate
from botkube.model.rbac import (
    GroupMapping,
    Rbac,
    ServiceAccount,
    StaticGroup,
    StaticUser,
    UserMapping,
    impersonation,
)

ACCESS = ClusterAccess(
    server="https://10.0.0.1:443", ca_file="/ca", ca_data="Q0E=", token="secret", token_file="/t"
)
STATIC_USER = UserMapping(type="Static", prefix="p-", static=StaticUser(value="ann"))
CHANNEL_USER = UserMapping(type="ChannelName", prefix="ch-")
STATIC_GROUP = GroupMapping(type="Static", prefix="g-", static=StaticGroup(values=("a", "b")))
CHANNEL_GROUP = GroupMapping(type="ChannelName", prefix="gc-")
DEFAULT = "botkube-internal-static-user"


@pytest.mark.parametrize(
    ("rbac", "wanted", "user", "groups"),
    [
        (Rbac(), False, "", ()),
        (Rbac(group=STATIC_GROUP), True, DEFAULT, ("g-a", "g-b")),
        (Rbac(group=CHANNEL_GROUP), True, DEFAULT, ("gc-ops",)),
        (Rbac(user=STATIC_USER), True, "p-ann", ()),
        (Rbac(user=STATIC_USER, group=STATIC_GROUP), True, "p-ann", ("g-a", "g-b")),
        (Rbac(user=CHANNEL_USER, group=CHANNEL_GROUP), True, "ch-ops", ("gc-ops",)),
        (Rbac(user=UserMapping(type="Other"), group=STATIC_GROUP), True, DEFAULT, ("g-a", "g-b")),
        (Rbac(user=UserMapping(type="Other")), True, "", ()),
        (Rbac(service_account=ServiceAccount(namespace="n", name="s")), True, "", ()),
    ],
)
def test_mappings(*, rbac: Rbac, wanted: bool, user: str, groups: tuple[str, ...]) -> None:
    assert rbac.wanted is wanted
    found = impersonation(rbac, "ops")
    assert (found.user, found.groups) == (user, groups)


def test_a_source_has_no_channel() -> None:
    assert impersonation(Rbac(user=CHANNEL_USER), "").user == "ch-"


def test_the_file() -> None:
    content = generate(
        ACCESS, Rbac(user=CHANNEL_USER, group=STATIC_GROUP), cluster_name="stage", channel="ops"
    )
    assert yaml.safe_load(content) == {
        "kind": "Config",
        "apiVersion": "v1",
        "preferences": {},
        "current-context": "stage",
        "clusters": [
            {
                "name": "stage",
                "cluster": {"server": "https://10.0.0.1:443", "certificate-authority-data": "Q0E="},
            }
        ],
        "contexts": [
            {
                "name": "stage",
                "context": {"cluster": "stage", "namespace": "default", "user": "stage"},
            }
        ],
        "users": [
            {
                "name": "stage",
                "user": {
                    "token": "secret",
                    "tokenFile": "/t",
                    "as": "ch-ops",
                    "as-groups": ["g-a", "g-b"],
                },
            }
        ],
    }


def test_an_account_of_its_own_replaces_ours() -> None:
    access = ClusterAccess(server="https://x", token="secret", certificate_data="C", key_data="K")
    account = ServiceAccount(namespace="n", name="s")
    content = generate(
        access, Rbac(user=STATIC_USER, service_account=account), cluster_name="", token_file="/own"
    )
    [user] = yaml.safe_load(content)["users"]
    assert user == {"name": "default", "user": {"tokenFile": "/own", "as": "p-ann"}}
    assert b"secret" not in content
