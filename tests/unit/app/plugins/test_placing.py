"""What is started for a plugin key, and what is not although it is there."""

from pathlib import Path

import pytest

from botkube.app.plugins.placing import Placed, Places, reason_of
from botkube.model.plugin import parse_plugin_key
from botkube.packages.errors import PackageRefused
from botkube.plugins.errors import PluginMissing, PluginUnusable
from tests.fakes.shelved import Shelved

KEY = parse_plugin_key("executor", "r/p")
PINNED = parse_plugin_key("executor", "r/p@v1")
ECHO = parse_plugin_key("executor", "builtin/echo")


@pytest.fixture
def shelved(tmp_path: Path) -> Shelved:
    return Shelved(tmp_path)


@pytest.fixture
def places(shelved: Shelved) -> Places:
    return shelved.places


def test_built_in_plugins_are_always_there(places: Places) -> None:
    assert places.look(ECHO) == Placed()
    assert places.locate(ECHO).own


def test_what_is_installed_is_known_by_all_of_its_content(shelved: Shelved, places: Places) -> None:
    shelved.install(KEY)
    first = places.look(KEY)
    assert first.identity.count("=") == 2
    assert first.locked is not None
    program = places.locate(KEY)
    assert program.argv == (str(shelved.root / "r" / "executor_v1_p"),)
    assert program.dependency_dir == f"{program.argv[0]}_deps"
    assert (Path(program.dependency_dir) / "tool").read_bytes() == b"tool"
    shelved.install(KEY, "v2", b"another")
    assert places.look(KEY).identity != first.identity


def test_what_was_put_there_by_hand_is_known_by_its_file(shelved: Shelved, places: Places) -> None:
    path = shelved.put_by_hand(KEY)
    first = places.look(KEY)
    assert (str(path) in first.identity, first.locked) == (True, None)
    assert places.locate(KEY).argv == (str(path),)
    shelved.put_by_hand(KEY, content=b"other hand")
    assert places.look(KEY).identity != first.identity


def test_what_is_installed_comes_before_a_higher_version_by_hand(
    shelved: Shelved, places: Places
) -> None:
    shelved.put_by_hand(KEY, "v9")
    shelved.install(KEY)
    assert places.locate(KEY).argv[0].endswith("/executor_v1_p")


def test_where_a_signature_is_required_nothing_is_started_by_hand(tmp_path: Path) -> None:
    shelved = Shelved(tmp_path, policy="require")
    path = shelved.put_by_hand(KEY)
    shelved.install(KEY)  # by an index that nobody signed
    shelved.lock_file.unlink()
    for ask in (shelved.places.look, shelved.places.locate):
        with pytest.raises(
            PluginUnusable, match=r"repositories\.r\.signature\.policy is require"
        ) as e:
            ask(KEY)
        assert str(path) in reason_of(e.value)


def test_what_an_unsigned_index_installed_is_told_as_that(tmp_path: Path) -> None:
    shelved = Shelved(tmp_path, policy="require")
    shelved.install(KEY)
    for ask in (shelved.places.look, shelved.places.locate):
        with pytest.raises(PluginUnusable, match=r"signature\.policy is require") as caught:
            ask(KEY)
        assert "did not come from an index signed by" in reason_of(caught.value)


def test_a_link_of_another_key_is_no_file_by_hand(shelved: Shelved, places: Places) -> None:
    shelved.install(KEY)
    places.locate(KEY)
    with pytest.raises(PluginMissing, match="does not lock it as") as caught:
        places.look(PINNED)
    assert reason_of(caught.value) == ""


def test_a_link_whose_object_is_gone_is_not_started(shelved: Shelved, places: Places) -> None:
    found = shelved.install(KEY)
    places.locate(KEY)
    found.unlink()
    for ask in (places.look, places.locate):
        with pytest.raises(PluginMissing, match="files of executor r/p are gone"):
            ask(KEY)


def test_a_change_is_found_before_a_start_but_not_by_a_look(
    shelved: Shelved, places: Places
) -> None:
    found = shelved.install(KEY)
    found.chmod(0o755)
    found.write_bytes(b"PLUGIN")
    found.chmod(0o555)
    assert places.look(KEY).locked is not None
    with pytest.raises(PackageRefused, match="was changed after it was installed") as caught:
        places.locate(KEY)
    assert "was changed" in reason_of(caught.value)


def test_a_damaged_lock_file_starts_nothing_but_what_is_built_in(
    shelved: Shelved, places: Places
) -> None:
    shelved.put_by_hand(KEY)
    shelved.lock_file.write_text("{")
    with pytest.raises(PackageRefused, match="is damaged"):
        places.look(KEY)
    assert places.look(ECHO) == Placed()
