"""What is told of one plugin."""

import msgspec

from botkube.app.plugins.granted import granted
from botkube.cli.info import Info, describe
from botkube.config import Config
from botkube.model.plugin import parse_plugin_key
from botkube.packages.cache.lockfile import Locked, LockedFile, LockedFiles
from botkube.packages.index.choose import this_platform
from botkube.packages.index.entries import Index, parse_index
from botkube.packages.index.signature import Policy
from botkube.packages.inventory import Row
from tests.fakes.repository import entry, index_of

KEY = parse_plugin_key("executor", "r/p")
DEPENDENCY = {"tool": {"url": "http://x/tool"}}
INDEX = parse_index(
    index_of(
        entry("p", "http://me:secret@x/p1", version="v1", checksum="a" * 64)
        | {"jsonSchema": {"value": "{"}},
        entry("p", "http://x/p2", version="v2", checksum="b" * 64, dependencies=DEPENDENCY)
        | {"jsonSchema": {"value": '{"a": 1}', "refURL": "http://x/s"}},
    ),
    "http://x/i",
)
ROW = Row(plugin="r/p", kind="executor", enabled=True, installed="v1", latest="v2", health="ok")


def told(
    row: Row | None = None,
    locked: Locked | None = None,
    index: Index | None = INDEX,
    policy: Policy = "off",
    platform: str = this_platform(),
) -> Info:
    return describe(
        KEY, row, index, locked, platform=platform, policy=policy, granted=granted(Config(), KEY)
    )


def test_what_would_be_installed() -> None:
    info = told(policy="require")
    assert (info.installed, info.latest, info.versions) == ("", "v2", ("v2", "v1"))
    assert info.source_url == "http://x/p2"
    assert info.digest == f"sha256:{'b' * 64} (of the download)"
    assert info.dependencies == ("tool",)
    assert info.config_schema == {"a": 1}
    assert info.signature == "policy require"
    assert msgspec.json.decode(msgspec.json.encode(info))["config_schema_url"] == "http://x/s"


def test_what_is_installed() -> None:
    file = LockedFile(url="http://me:secret@x/p1", download="d", sha256="c", size=3)
    files = LockedFiles(plugin=file, dependencies={"one": file})
    locked = Locked(version="v1", index="i", signed_by="k", platforms={this_platform(): files})
    info = told(ROW, locked, policy="warn")
    assert (info.installed, info.health, info.size) == ("v1", "ok", 6)
    assert (info.digest, info.dependencies) == ("sha256:c", ("one",))
    assert "secret" not in info.source_url
    assert info.signature == "its index was signed by k (policy warn)"
    assert info.config_schema == "{"  # as it is: it is for people
    assert "not signed" in told(ROW, msgspec.structs.replace(locked, signed_by="")).signature


def test_what_is_nowhere() -> None:
    info = told(index=None)
    assert (info.latest, info.versions, info.digest, info.source_url) == ("", (), "", "")
    elsewhere = told(platform="plan9/mips")
    assert (elsewhere.versions, elsewhere.source_url) == (("v2", "v1"), "")
    assert elsewhere.platforms == (this_platform(),)
