"""Which plugin is meant: kind, repository, name and, if pinned, version. Matching is literal."""

from typing import Literal, TypeAlias

from msgspec import Struct

from botkube.model.errors import ConfigError
from botkube.runtime.override import override

PluginKind: TypeAlias = Literal["executor", "source"]


class PluginKey(Struct, frozen=True, kw_only=True):
    """`repo/name` and `repo/name@v1` are two plugins, with a process each."""

    kind: PluginKind
    repo: str
    name: str
    version: str = ""

    @override
    def __str__(self) -> str:
        return (
            f"{self.repo}/{self.name}@{self.version}"
            if self.version
            else f"{self.repo}/{self.name}"
        )


def parse_plugin_key(kind: PluginKind, text: str) -> PluginKey:
    """Read `{repo}/{name}[@{version}]`: cut at the first `/`, then at the first `@`.

    Raises:
        ConfigError: no repository or no name.
    """
    repo, _, rest = text.partition("/")
    name, _, version = rest.partition("@")
    if not repo or not name:
        raise ConfigError(
            f"plugin key {text!r} is not of the form repository/name or repository/name@version"
        )
    return PluginKey(kind=kind, repo=repo, name=name, version=version)
