import os
from pathlib import Path

import pytest

from botkube.model.plugin import parse_plugin_key
from botkube.plugins.catalog import Catalog, own_command
from botkube.plugins.errors import PluginMissing, PluginUnusable

KEY = parse_plugin_key("executor", "botkube/kubectl")


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    tmp_path.chmod(0o755)
    return tmp_path


def catalog(cache: Path) -> Catalog:
    return Catalog(cache_dir=cache, own_command=("/opt/botkube", "plugin", "serve"))


def put(folder: Path, name: str, mode: int = 0o755) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("#!/bin/sh\n")
    (folder / name).chmod(mode)
    return str(folder / name)


def test_a_built_in_plugin_is_our_own_program(cache: Path) -> None:
    program = catalog(cache).locate(parse_plugin_key("source", "builtin/heartbeat"))
    assert program.argv == ("/opt/botkube", "plugin", "serve", "heartbeat")
    assert program.own


def test_our_own_program_frozen_and_not() -> None:
    assert own_command(frozen=True, executable="/x") == ("/x", "plugin", "serve")
    unfrozen = ("/x", "-P", "-m", "botkube", "plugin", "serve")
    assert own_command(frozen=False, executable="/x") == unfrozen


def test_without_a_version_the_highest_is_taken(cache: Path) -> None:
    for version in ("v1.9.0", "v1.10.0-rc.1", "v1.2.0"):
        put(cache / "botkube", f"executor_{version}_kubectl")
    highest = put(cache / "botkube", "executor_v1.10.0_kubectl")
    put(cache / "botkube", "source_v9.0.0_kubectl")
    put(cache / "botkube", "executor_v9.0.0_other_kubectl")
    (cache / "botkube" / "executor_v9.0.0_kubectl").mkdir()
    program = catalog(cache).locate(KEY)
    assert program.argv == (highest,)
    assert program.dependency_dir == f"{highest}_deps"
    assert not program.own


@pytest.mark.parametrize("wanted", ["v1.0.0", "1.0.0"])
def test_a_version_is_taken_literally_but_for_its_v(cache: Path, wanted: str) -> None:
    path = put(cache / "botkube", "executor_v1.0.0_kubectl")
    put(cache / "botkube", "executor_v2.0.0_kubectl")
    key = parse_plugin_key("executor", f"botkube/kubectl@{wanted}")
    assert catalog(cache).locate(key).argv == (path,)


def test_absent_says_where_and_what_to_do(cache: Path) -> None:
    put(cache / "botkube", "executor_v1.0.0_kubectl")
    key = parse_plugin_key("executor", "botkube/kubectl@v3")
    with pytest.raises(PluginMissing) as caught:
        catalog(cache).locate(key)
    text = str(caught.value)
    assert f"{cache}/botkube/executor_v3_kubectl" in text
    assert "there: v1.0.0" in text
    assert "put the file there" in text


def test_a_cache_that_is_not_there_is_absent(cache: Path) -> None:
    with pytest.raises(PluginMissing, match="executor_<version>_kubectl"):
        catalog(cache / "nowhere").locate(KEY)


def test_what_cannot_be_executed_is_named(cache: Path) -> None:
    path = put(cache / "botkube", "executor_v1_kubectl", 0o644)
    with pytest.raises(PluginMissing, match=f"{path} is not an executable file"):
        catalog(cache).locate(KEY)


def test_in_a_cache_others_can_write_only_our_own_part_is_used(cache: Path) -> None:
    cache.chmod(0o1777)
    put(cache / "botkube", "executor_v1_kubectl")
    private = cache / f"botkube-{os.geteuid()}"
    with pytest.raises(PluginMissing, match=str(private)):
        catalog(cache).locate(KEY)
    path = put(private / "botkube", "executor_v1_kubectl")
    private.chmod(0o700)
    assert catalog(cache).locate(KEY).argv == (path,)


def test_our_own_part_must_be_ours(cache: Path) -> None:
    cache.chmod(0o1777)
    private = cache / f"botkube-{os.geteuid()}"
    put(private / "botkube", "executor_v1_kubectl")
    private.chmod(0o770)
    with pytest.raises(PluginUnusable, match="others can write"):
        catalog(cache).locate(KEY)


@pytest.mark.parametrize(
    "text", ["../x", "x/..", "x/../../bin/sh", "x/y@../../z", "x/.hidden", "a/b\0"]
)
def test_names_never_lead_out_of_the_cache(cache: Path, text: str) -> None:
    key = parse_plugin_key("executor", text)
    with pytest.raises(PluginMissing, match="file name"):
        catalog(cache).locate(key)


def test_the_identity_changes_with_the_file(cache: Path) -> None:
    assert catalog(cache).identity(KEY) == ""
    path = Path(put(cache / "botkube", "executor_v1_kubectl"))
    first = catalog(cache).identity(KEY)
    path.write_text("#!/bin/sh\nexit 1\n")
    assert first != catalog(cache).identity(KEY) != ""
