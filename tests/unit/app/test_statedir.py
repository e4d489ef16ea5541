"""The state directory: one owner, a stable token, and an instance that clients can find."""

import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from botkube.app import statedir
from botkube.app.statedir import (
    Instance,
    StateDirError,
    client_state_dirs,
    default_state_dir,
    find_instance,
    load_token,
    locked,
    publish,
    write_private,
)

pytestmark = pytest.mark.real

INSTANCE = Instance(
    pid=os.getpid(),
    url="http://127.0.0.1:2110",
    token="t",
    version="1",
    started_at="2026-01-05T03:00:00.000Z",
    started_ms=400,
)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize(
    ("environ", "place"),
    [
        ({"HOME": "/home/ann"}, "/home/ann/.local/state/botkube"),
        ({"HOME": "/home/ann", "XDG_STATE_HOME": "/state"}, "/state/botkube"),
        ({"HOME": "/home/ann", "XDG_STATE_HOME": ""}, "/home/ann/.local/state/botkube"),
        ({"HOME": "/x", "XDG_STATE_HOME": "/y", "STATE_DIRECTORY": "/var/lib/b"}, "/var/lib/b"),
        ({"STATE_DIRECTORY": "/var/lib/a:/var/lib/b"}, "/var/lib/a"),
    ],
)
def test_where_state_is_kept(environ: dict[str, str], place: str) -> None:
    assert default_state_dir(environ) == Path(place)
    assert client_state_dirs(environ)[0] == Path(place)
    assert client_state_dirs(environ)[-1] == Path("/var/lib/botkube")


def test_clients_look_in_the_services_the_users_and_the_systems_place() -> None:
    environ = {"HOME": "/home/ann", "STATE_DIRECTORY": "/var/lib/b"}
    assert list(map(str, client_state_dirs(environ))) == [
        "/var/lib/b",
        "/home/ann/.local/state/botkube",
        "/var/lib/botkube",
    ]


def test_what_root_writes_is_the_directorys_owners(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    os.chown(tmp_path, 1234, 1234)
    with locked(tmp_path):
        load_token(tmp_path)
    assert {path.stat().st_uid for path in tmp_path.iterdir()} == {1234}


def test_the_directory_is_made_private_and_the_lock_names_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "state"
    with locked(path):
        assert mode(path) == 0o700
        assert (path / "lock").read_text() == f"{os.getpid()}\n"
    with locked(path):
        pass


def test_a_second_instance_is_told_the_pid_of_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statedir, "PATIENCE", 0.1)
    with locked(tmp_path), pytest.raises(StateDirError) as caught, locked(tmp_path):
        pass
    assert str(caught.value) == (
        f"another instance (pid {os.getpid()}) runs on {tmp_path}: "
        "stop it, or give another --state-dir"
    )


HOLDER = """
import sys, time
from pathlib import Path
from botkube.app.statedir import locked
with locked(Path(sys.argv[1])):
    print("locked", flush=True)
    time.sleep(60)
"""


def test_a_killed_owner_leaves_nothing_behind_that_blocks(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(  # noqa: TID251 - killed and reaped here
        command, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"locked\n"
        publish(tmp_path, INSTANCE)
        assert find_instance([tmp_path]) == INSTANCE
        process.send_signal(signal.SIGKILL)
        process.wait(60)
    assert find_instance([tmp_path]) is None, "its pid is gone, or somebody else's"
    with locked(tmp_path):
        pass


@pytest.mark.parametrize("name", ["file", "file/below"])
def test_a_place_that_is_no_directory(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(StateDirError, match=r"cannot be used: .*; give another --state-dir"),
        locked(tmp_path / name),
    ):
        pass


def test_a_lock_that_cannot_be_signed_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "lock").symlink_to("/dev/full")
    with pytest.raises(StateDirError, match="cannot be used"), locked(tmp_path):
        pass


def test_the_token_is_made_once_and_kept(tmp_path: Path) -> None:
    token = load_token(tmp_path)
    assert len(token) >= 32
    assert mode(tmp_path / "token") == 0o600
    assert load_token(tmp_path) == token
    (tmp_path / "token").write_text("")
    assert load_token(tmp_path) not in ("", token)


def test_a_token_that_cannot_be_read_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "token").write_bytes(b"\xff\xfe")
    with pytest.raises(StateDirError, match=r"cannot be read: .*; remove it to get a new one"):
        load_token(tmp_path)


def test_a_private_file_is_whole_or_not_there(tmp_path: Path) -> None:
    file = tmp_path / "x"
    (tmp_path / ".x.new").write_text("left by a killed run")
    write_private(file, b"one")
    write_private(file, b"two")
    assert file.read_bytes() == b"two"
    assert mode(file) == 0o600
    assert [item.name for item in tmp_path.iterdir()] == ["x"]
    with pytest.raises(StateDirError, match="cannot be written"):
        write_private(tmp_path / "absent" / "x", b"")


def test_a_running_instance_is_found_and_gone_when_it_stops(tmp_path: Path) -> None:
    assert find_instance([tmp_path]) is None
    with locked(tmp_path):
        publish(tmp_path, INSTANCE)
        assert mode(tmp_path / "instance.json") == 0o600
        assert find_instance([tmp_path / "absent", tmp_path]) == INSTANCE
        assert json.loads((tmp_path / "instance.json").read_text())["url"] == INSTANCE.url
    assert not (tmp_path / "instance.json").exists()


def test_a_stale_instance_is_ignored_whoever_has_its_pid_now(tmp_path: Path) -> None:
    publish(tmp_path, INSTANCE)  # our own pid: this process runs, but holds no lock
    assert find_instance([tmp_path]) is None
    (tmp_path / "lock").touch()
    assert find_instance([tmp_path]) is None


@pytest.mark.parametrize("data", [b"", b"{", b"{}", b"\xff", b'{"pid":"x"}', b'{"url":"\xff"}'])
def test_an_instance_file_that_is_none_is_ignored(tmp_path: Path, data: bytes) -> None:
    with locked(tmp_path):
        (tmp_path / "instance.json").write_bytes(data)
        assert find_instance([tmp_path]) is None


ASKING = """
import os, sys
from pathlib import Path
from botkube.app.statedir import StateDirError, find_instance
if os.geteuid() == 0:
    os.setuid(65534)
try:
    print(find_instance([Path(sys.argv[1])]))
except StateDirError as error:
    print(error)
"""


def test_another_users_instance_is_a_sentence(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    with locked(tmp_path):
        publish(tmp_path, INSTANCE)
        (tmp_path / "instance.json").chmod(0)  # as it is for others than root and its owner
        command = [sys.executable, "-c", ASKING, str(tmp_path)]
        answer = subprocess.run(command, capture_output=True, text=True, check=True)
    assert answer.stdout == f"{tmp_path}/instance.json belongs to another user: use sudo\n"
