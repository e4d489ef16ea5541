"""Names of plugins for the shell."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from botkube.cli.commands import app
from botkube.cli.completion import names
from botkube.packages.cache.lockfile import Lock, Locked, write_lock
from botkube.packages.index.cache import Note, keep_index
from tests.fakes.managing import Manager
from tests.fakes.repository import Repository, entry, index_of


@pytest.fixture
def manager(tmp_path: Path) -> Manager:
    server = Repository()
    server.url = "http://127.0.0.1:9"
    manager = Manager(tmp_path, server)
    manager.cache.mkdir()
    keep_index(manager.cache, "r", index_of(entry("offered", "http://x/u")), Note(url="http://x/i"))
    locked = Locked(version="v1", index="i", platforms={})
    write_lock(manager.state / "plugins.lock", Lock(plugins={"source r/locked@^1": locked}))
    return manager


def test_everything_that_is_known(manager: Manager) -> None:
    given = {"config": [manager.config], "state_dir": manager.state}
    assert names(given, "") == [
        "builtin/echo",
        "builtin/heartbeat",
        "r/locked@^1",
        "r/off",
        "r/offered",
        "r/p",
        "r/q@^1",
    ]
    assert names(given, "r/o") == ["r/off", "r/offered"]
    assert names({**given, "cache_dir": manager.folder / "other"}, "r/o") == ["r/off"]


@pytest.mark.parametrize("content", ["settings: [", "plugins: {repositories: 7}", "\0"])
def test_it_never_fails(manager: Manager, content: str) -> None:
    manager.config.write_text(content)
    given = {"config": [manager.config], "state_dir": manager.state}
    assert set(names(given, "")) <= {"builtin/echo", "builtin/heartbeat"}
    (manager.state / "plugins.lock").write_text("{")
    assert names({"config": 7, "state_dir": manager.state}, "r/") == []


def completed(words: str) -> list[str]:
    count = str(len(words.split()) - 1)
    asked = {"_BOTKUBE_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": count}
    return CliRunner().invoke(app, [], env=asked, prog_name="botkube").stdout.split()


@pytest.mark.parametrize("command", ["install", "info", "verify", "logs", "run"])
def test_the_shell_asks_for_them(command: str) -> None:
    assert completed(f"botkube plugins {command} builtin/e") == ["builtin/echo"]


@pytest.mark.parametrize("command", ["update", "remove"])
def test_what_is_built_in_is_not_offered_to_be_changed(manager: Manager, command: str) -> None:
    where = f"--config {manager.config} --state-dir {manager.state}"
    assert completed(f"botkube plugins {command} {where} builtin/e") == []
    assert completed(f"botkube plugins {command} {where} r/of") == ["r/off", "r/offered"]


def test_the_doctor_is_offered_its_platforms() -> None:
    assert completed("botkube doctor s") == ["slack"]
