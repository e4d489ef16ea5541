"""Where packages are installed and from where, as the configuration says."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from botkube.app.plugins.packages import cache_dir, install_settings, make_root, plugin_shelf
from botkube.config.schema.plugins import Repository, Signature
from botkube.config.schema.values import Secret
from botkube.packages.errors import PackageRefused
from tests.fakes.shelved import Shelved


@pytest.mark.parametrize(
    ("configured", "environ", "wanted"),
    [
        ("/c", {"CACHE_DIRECTORY": "/d"}, "/c"),
        ("", {"CACHE_DIRECTORY": "/d:/e", "XDG_CACHE_HOME": "/x"}, "/d"),
        ("", {"XDG_CACHE_HOME": "/x"}, "/x/botkube/plugins"),
        ("", {"HOME": "/h"}, "/h/.cache/botkube/plugins"),
    ],
)
def test_the_cache_is_where_it_is_said(
    configured: str, environ: dict[str, str], wanted: str
) -> None:
    assert cache_dir(configured, environ, Path("/state")) == Path(wanted)


def test_the_lock_file_is_in_the_state_directory_unless_it_is_named(tmp_path: Path) -> None:
    config = Shelved(tmp_path).config
    assert plugin_shelf(config, {}, tmp_path).lock_file == tmp_path / "plugins.lock"
    other = replace(config, plugins=replace(config.plugins, lock_file=""))
    assert plugin_shelf(other, {}, Path("/state")).lock_file == Path("/state/plugins.lock")


@pytest.mark.parametrize(
    ("policy", "key", "required"),
    [
        ("", "", False),
        ("", "K", True),
        ("warn", "K", False),
        ("Require", "K", True),
        ("off", "K", False),
    ],
)
def test_a_key_is_required_unless_the_policy_says_otherwise(
    tmp_path: Path,
    policy: str,
    key: str,
    required: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    config = Shelved(tmp_path).config
    signed = Repository(url="u", signature=Signature(public_key=key, policy=policy))
    config = replace(config, plugins=replace(config.plugins, repositories={"r": signed}))
    assert plugin_shelf(config, {}, tmp_path).required == ({"r": "K"} if required else {})


def test_a_repository_has_its_mirrors_headers_proxy_and_authority(tmp_path: Path) -> None:
    config = Shelved(tmp_path).config
    given = Repository(
        url="https://a/i.yaml",
        mirrors=("https://b/i.yaml",),
        headers={"x": Secret("{{ .Remote.APIKey }}"), "y": Secret("{{ .Nothing }}")},
        proxy=Secret("http://p:1"),
        ca_file="/ca.pem",
    )
    config = replace(config, plugins=replace(config.plugins, repositories={"r": given}))
    shelf = plugin_shelf(config, {}, tmp_path)
    access = install_settings(config, {}, shelf).repositories["r"].access
    assert access.homes == ("https://a/i.yaml", "https://b/i.yaml")
    assert (access.proxy, access.ca_file) == ("http://p:1", "/ca.pem")
    with pytest.raises(PackageRefused, match=r"plugins\.repositories\.r\.headers\.y"):
        access.headers()


def test_the_cache_is_made_for_others_to_read_and_nobody_else_to_write(tmp_path: Path) -> None:
    shelf = Shelved(tmp_path).places.shelf()
    made = replace(shelf, root=tmp_path / "a" / "b")
    make_root(made)
    make_root(made)
    assert made.root.stat().st_mode & 0o022 == 0
