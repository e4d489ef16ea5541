"""What a plugin gets, in words."""

import pytest

from botkube.app.plugins.granted import granted
from botkube.config import Config
from botkube.config.schema.groups import PluginContext, PluginEntry, PluginGroup
from botkube.model.plugin import parse_plugin_key
from botkube.model.rbac import GroupMapping, Rbac, ServiceAccount, StaticGroup, UserMapping

VIEWERS = GroupMapping(type="Static", static=StaticGroup(values=("viewers", "others")))


@pytest.mark.parametrize(
    ("rbac", "text"),
    [
        (None, "no kubeconfig"),
        (Rbac(), "no kubeconfig"),
        (
            Rbac(group=VIEWERS),
            "a kubeconfig as user botkube-internal-static-user in viewers, others",
        ),
        (
            Rbac(user=UserMapping(type="ChannelName", prefix="chat:")),
            "a kubeconfig as user chat:CHANNEL",
        ),
        (
            Rbac(service_account=ServiceAccount(namespace="ns", name="sa")),
            "a kubeconfig with the token of ns/sa",
        ),
    ],
)
def test_whom_it_is_in_each_group(rbac: Rbac | None, text: str) -> None:
    entry = PluginEntry(enabled=True, context=PluginContext(rbac=rbac))
    groups = {"a": PluginGroup(plugins={"r/p": entry}), "b": PluginGroup(plugins={"r/q": entry})}
    found = granted(Config(executors=groups), parse_plugin_key("executor", "r/p"))
    assert [(each.group, each.enabled, each.text) for each in found.identities] == [
        ("a", True, text)
    ]
    assert not found.sandbox.enabled
    assert granted(Config(executors=groups), parse_plugin_key("source", "r/p")).identities == ()
