import pytest

from botkube.model.errors import ConfigError
from botkube.model.plugin import PluginKey, parse_plugin_key


@pytest.mark.parametrize(
    ("text", "repo", "name", "version"),
    [
        ("botkube/kubectl", "botkube", "kubectl", ""),
        ("botkube/kubectl@v1.14.0", "botkube", "kubectl", "v1.14.0"),
        ("r/a/b@1@2", "r", "a/b", "1@2"),
    ],
)
def test_key_and_text_are_the_same(text: str, repo: str, name: str, version: str) -> None:
    key = parse_plugin_key("executor", text)
    assert key == PluginKey(kind="executor", repo=repo, name=name, version=version)
    assert str(key) == text


@pytest.mark.parametrize("text", ["", "kubectl", "/kubectl", "botkube/", "botkube/@v1"])
def test_a_key_without_repository_or_name_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="plugin key"):
        parse_plugin_key("source", text)
