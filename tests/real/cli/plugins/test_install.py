"""The plugin manager's commands, as processes, against a repository."""

import json

import pytest
import trio

from tests.fakes.installing import offer
from tests.fakes.managing import Manager
from tests.fakes.repository import Repository, entry

pytestmark = [pytest.mark.real, pytest.mark.slow]


def publish(server: Repository, *versions: str) -> None:
    """Two plugins in these versions; the second one in a version of its own too."""
    entries = [offer(server, version, name) for version in versions for name in ("p", "q")]
    server.put_index(*entries, offer(server, "v2.0.0", "q"))


async def test_install_update_roll_back_and_remove(server: Repository, manager: Manager) -> None:
    publish(server, "v1.0.0")
    installed = await manager("install")
    assert installed.returncode == 0, installed.stderr
    assert sorted(installed.stdout.splitlines()) == [
        "executor r/p: v1.0.0 is installed",
        "executor r/q@^1: v1.0.0 is installed",
    ]
    assert "executor r/p: downloading" in installed.stderr
    assert (manager.cache / "r" / "executor_v1.0.0_p").read_bytes() == b"plugin p v1.0.0\n"

    publish(server, "v1.0.0", "v1.1.0")
    asked = len(server.asked)
    again = await manager("install")
    assert "executor r/p: v1.0.0 is there" in again.stdout
    assert len(server.asked) == asked  # what is locked and there needs no network
    updated = await manager("update --output json")
    assert {step["plugin"]: step["version"] for step in json.loads(updated.stdout)} == {
        "executor r/p": "v1.1.0",
        "executor r/q@^1": "v1.1.0",
    }
    back = await manager("update --roll-back r/p")
    assert back.stdout == "executor r/p: is at v1.0.0 again, after v1.1.0\n"
    listed = {
        row["plugin"]: row for row in json.loads((await manager("list --output json")).stdout)
    }
    assert (
        listed["r/p"] | {"latest": "v1.1.0", "previous": "v1.1.0", "update": False} == listed["r/p"]
    )
    assert (listed["r/q@^1"]["latest"], listed["r/q@^1"]["update"]) == ("v1.1.0", False)

    removed = await manager("remove r/p r/q")
    assert (
        "executor r/q@^1: v1.1.0 is removed; the configuration still enables it" in removed.stdout
    )
    assert manager.locked == {}
    assert not [path for path in manager.cache.rglob("objects/sha256/*") if path.is_file()]
    gone = await manager("remove r/p")
    assert gone.returncode == 1
    assert "executor r/p: is not installed" in gone.stderr


async def test_a_version_is_named_and_what_is_wrong_ends_in_one_sentence(
    server: Repository, manager: Manager
) -> None:
    publish(server, "v1.0.0", "v1.1.0")
    pinned = await manager("install r/p@v1.0.0")
    assert pinned.stdout == (
        "executor r/p@v1.0.0: v1.0.0 is installed; no channel uses this key: enable it below executors, and bind that group to a channel\n"
    )
    ranged = await manager("install r/q@>=1.0,<2")
    assert "r/q@>=1.0,<2: v1.1.0 is installed" in ranged.stdout
    assert manager.locked["executor r/p@v1.0.0"] == "v1.0.0"
    apart = await manager("install r/p@v1.1.0 no/such")
    assert (apart.returncode, "no/such: there is no repository no" in apart.stderr) == (1, True)
    assert "r/p@v1.1.0: v1.1.0 is installed" in apart.stdout
    one = await manager("remove r/p@v1.1.0 no/such")
    assert (one.returncode, "r/p@v1.1.0: v1.1.0 is removed" in one.stdout) == (4, True), one
    bad = {**offer(server, "v1.2.0"), "name": "p"}
    server.put_index(bad, offer(server, "v1.0.0", "q"))
    server.put("/p-v1.2.0.tar.gz", b"another")
    some = await manager("install")
    assert some.returncode == 1
    assert some.stdout == "executor r/q@^1: v1.0.0 is installed\n"
    assert "botkube: executor r/p: " in some.stderr
    assert "sha256:" in some.stderr
    assert "Traceback" not in some.stderr
    await all_end_so(
        manager,
        ("install nonsense", 2, "is not of the form"),
        ("install x/y", 1, "there is no repository x"),
        ("install r/nothing", 1, "has no executor nothing"),
        ("remove r/nothing", 4, "r/nothing: there is none of that name installed"),
        ("info r/nothing", 4, "no plugin is called r/nothing"),
        ("verify r/nothing", 4, "is not installed"),
        ("update --roll-back r/q@^1", 1, "there is no version of r/q@^1 before"),
        ("install gone/x", 1, "http://127.0.0.1:9/index.yaml cannot be reached"),
    )
    (manager.state / "plugins.lock").write_text("{")
    damaged = [(f"{name} r/p", 1, "is damaged") for name in ("search", "info", "install", "remove")]
    await all_end_so(manager, *damaged, ("verify", 1, "is damaged"), ("list", 1, "is damaged"))
    manager.config.write_text("settings: [")
    assert (await manager("list")).returncode == 3


async def all_end_so(manager: Manager, *cases: tuple[str, int, str]) -> None:
    """Each of these commands has this exit code and says this on stderr."""

    async def ends(text: str, code: int, said: str) -> None:
        done = await manager(text)
        assert (done.returncode, said in done.stderr) == (code, True), (text, done)
        assert "Traceback" not in done.stderr

    async with trio.open_nursery() as nursery:
        for case in cases:
            nursery.start_soon(ends, *case)


async def test_search_and_info(server: Repository, manager: Manager) -> None:
    schema = {"value": json.dumps({"type": "object", "title": "Settings of p"})}
    clock = entry("clock", "clock", kind="source") | {"description": "Tells\nthe \x1b[31mtime"}
    first = offer(server) | {"jsonSchema": schema, "documentationUrl": "https://x/doc"}
    server.put_index(first, clock, offer(server, "v2.0.0-rc.1"))
    await manager("install r/p")
    found = await manager("search r/p")
    assert [line.split() for line in found.stdout.splitlines()] == [
        ["PLUGIN", "KIND", "VERSION", "INSTALLED", "DESCRIPTION"],
        ["r/p", "executor", "v1.0.0", "v1.0.0", "x"],
    ]
    assert "Tells the time" in (await manager("search TIME tells")).stdout
    assert (await manager("search nothing at all")).returncode == 4
    told = (await manager("info r/p")).stdout
    for line in ("Settings of p", "https://x/doc", "v2.0.0-rc.1", "in viewers", "tool", "sha256:"):
        assert line in told, told
    [info] = json.loads((await manager("info r/p --output json")).stdout)
    assert info["config_schema"] == {"type": "object", "title": "Settings of p"}
    assert json.loads((await manager("info r/clock --output json")).stdout)[0]["kind"] == "source"
    assert "plugins run builtin/echo --metadata" in (await manager("info builtin/echo")).stdout

    del server.pages["/index.yaml"]
    home = f"{server.url}/index.yaml"
    away_now = f"http://127.0.0.1:9/index.yaml, mirrors: ['{home}']"
    manager.config.write_text(manager.config.read_text().replace(home, away_now))
    away = await manager("search --output json")
    assert away.returncode == 0
    assert {hit["plugin"] for hit in json.loads(away.stdout)} == {"r/p", "r/clock"}
    assert "its index of before is used" in away.stderr


async def test_verify_reads_every_file(server: Repository, manager: Manager) -> None:
    publish(server, "v1.0.0")
    missing = await manager("verify")
    assert missing.returncode == 1
    assert missing.stdout.count("WRONG") == 2
    assert f"lock file {manager.state}/plugins.lock, cache {manager.cache}" in missing.stderr
    blind = await manager("verify", configured=False)
    assert (blind.returncode, "nothing was verified" in blind.stderr) == (4, True), blind
    await manager("install")
    assert (await manager("verify")).stdout.count("ok  executor r/") == 2
    changed = manager.cache / "r" / "executor_v1.0.0_p_deps" / "tool"
    changed.chmod(0o755)
    changed.write_bytes(b"TOOL of p v1.0.0\n")
    found = await manager("verify --output json")
    assert found.returncode == 1
    verdicts = {each["plugin"]: each for each in json.loads(found.stdout)}
    assert (verdicts["r/p"]["good"], verdicts["r/q@^1"]["good"]) == (False, True)
    assert "was changed after it was installed" in verdicts["r/p"]["text"]
    assert (await manager("verify r/q")).returncode == 0
    assert "v1.0.0 is there" in (await manager("install r/p")).stdout
    assert (await manager("verify")).returncode == 0
