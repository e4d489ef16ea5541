"""`botkube chat` and the commands that need no instance, as a script uses them: output and exit codes."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import trio

from tests.fakes.program import Program, command
from tests.gates.configs import several
from tests.gates.looks import all_ready

pytestmark = [pytest.mark.real, pytest.mark.slow]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """One instance for all: none of these tests changes it."""
    folder = tmp_path_factory.mktemp("chat")
    program = Program(folder, several(folder, channels=["general", "second room"])).start()
    trio.run(_until_ready, program)
    yield program
    program.close()


async def _until_ready(program: Program) -> None:
    async with program.connected() as api:
        await all_ready(api)


def botkube(
    *arguments: str, stdin: str = "", environ: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    inherited = {
        k: v for k, v in os.environ.items() if not k.startswith(("BOTKUBE_", "XDG_", "STATE_"))
    }
    return subprocess.run(
        [*command(), *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
        env=inherited | dict(environ or {}),
    )


def chat(program: Program, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return botkube("chat", "--state-dir", str(program.state_dir), *arguments, stdin=stdin)


@pytest.mark.parametrize(
    "words",
    [["echo hello"], ["echo", "hello"], ["@Botkube echo hello"], ["@botkube", "echo", "hello"]],
)
def test_one_command_prints_its_reply(program: Program, words: list[str]) -> None:
    done = chat(program, *words)
    assert (done.returncode, done.stdout, done.stderr) == (0, "echo hello\n", "")


def test_a_reply_that_is_not_ok_is_1(program: Program) -> None:
    done = chat(program, "no-such-command")
    assert done.returncode == 1
    assert "Command not supported" in done.stdout


def test_json_is_one_document(program: Program) -> None:
    done = chat(program, "--output", "json", "echo hello")
    body = json.loads(done.stdout)
    assert (done.returncode, body["outcome"], body["baseBody"]["codeBlock"]) == (
        0,
        "ok",
        "echo hello",
    )
    assert body["reply_to"]


def test_each_line_of_the_input_is_a_command(program: Program) -> None:
    done = chat(program, stdin="echo one\n\n@Botkube echo two\nping\n")
    assert done.returncode == 0
    assert done.stdout.startswith("echo one\necho two\npong\n")
    assert done.stderr == ""


def test_the_worst_line_gives_the_exit_code(program: Program) -> None:
    done = chat(program, stdin="no-such-command\necho two")
    assert done.returncode == 1
    assert done.stdout.endswith("echo two\n")


def test_the_channel_and_the_user_are_chosen(program: Program) -> None:
    assert chat(program, "--channel", "second room", "--user", "ann", "echo there").returncode == 0
    with program.http() as client:
        [said, reply] = client.get("/api/v1/channels/second%20room/history").json()
    assert (said["author"], said["body"]["baseBody"]["plaintext"]) == ("ann", "@Botkube echo there")
    assert reply["body"]["reply_to"] == said["id"]


def test_an_unknown_channel_is_named_with_those_there_are(program: Program) -> None:
    done = chat(program, "--channel", "nowhere", "ping")
    assert done.returncode == 4
    assert "general" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_url_with_a_token(program: Program) -> None:
    for arguments in (
        ["--url", program.url_with_token],
        ["--url", program.url, "--token", program.token],
        ["--url", f"{program.url}/", "--token", program.token],
    ):
        done = botkube("chat", *arguments, "echo hello")
        assert (done.returncode, done.stdout) == (0, "echo hello\n")
    environ = {"BOTKUBE_TOKEN": program.token}
    done = botkube("chat", "--url", program.url, "echo hello", environ=environ)
    assert (done.returncode, done.stdout) == (0, "echo hello\n")


@pytest.mark.parametrize("token", [[], ["--token", "wrong"]])
def test_a_url_without_its_token_is_4(program: Program, token: list[str]) -> None:
    done = botkube("chat", "--url", program.url, *token, "echo hello")
    assert (done.returncode, done.stdout) == (4, "")
    assert "token" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_no_instance_is_4_and_says_what_to_do(tmp_path: Path) -> None:
    for arguments in (
        ["--state-dir", str(tmp_path)],
        ["--url", "http://127.0.0.1:1", "--token", "x"],
    ):
        done = botkube("chat", *arguments, "ping")
        assert (done.returncode, done.stdout) == (4, "")
        assert len(done.stderr.splitlines()) == 1
    assert "botkube run" in botkube("chat", "--state-dir", str(tmp_path), "ping").stderr


def test_a_stale_instance_file_is_none(tmp_path: Path, program: Program) -> None:
    ended = subprocess.Popen(["true"])  # noqa: TID251 - only for a process number that is free again
    ended.wait()
    stale = {**program.instance, "pid": ended.pid}
    (tmp_path / "instance.json").write_text(json.dumps(stale))
    done = botkube("chat", "--state-dir", str(tmp_path), "ping")
    assert done.returncode == 4
    assert "no instance is running" in done.stderr


def test_no_reply_in_time_is_4(program: Program) -> None:
    done = chat(program, "--timeout", "0", "ping")
    assert done.returncode == 4
    assert "no reply within 0 s" in done.stderr


def test_another_users_instance_needs_sudo(program: Program) -> None:
    """The instance's directory lets nobody else in, wherever it is found."""
    if os.geteuid() != 0:
        pytest.skip("root is missing: only root can become another user")
    environ = {"HOME": "/nonexistent", "STATE_DIRECTORY": str(program.state_dir)}
    for arguments in (["--state-dir", str(program.state_dir)], []):
        done = as_nobody("chat", *arguments, "ping", environ=environ)
        assert done.returncode == 4, done
        assert "use sudo" in done.stderr
        assert len(done.stderr.splitlines()) == 1


# A source tree may lie where nobody else may read: import all first, then become another user.
AS_NOBODY = """
import os, pwd, sys
import botkube.cli.chat, botkube.cli.commands, encodings.idna, httpx._transports.default
from botkube.cli.main import main
os.setgroups([])
os.setuid(pwd.getpwnam("nobody").pw_uid)
main()
"""


def as_nobody(*arguments: str, environ: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-c", AS_NOBODY, *arguments],
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
        env={**os.environ, **environ},
    )


def test_version_as_json() -> None:
    done = botkube("version", "--output", "json")
    about = json.loads(done.stdout)
    assert list(about) == ["version", "commit", "platform", "python", "libc"]
    assert (done.returncode, done.stderr) == (0, "")
    text = botkube("version").stdout
    assert about["version"] in text
    assert botkube("--version").stdout == text


PLAYGROUND = "communications: {c: {playground: {enabled: true, channels: {a: {name: a}}}}}\n"
GOOD = PLAYGROUND + "settings: {clusterName: x}\n"
DOUBTFUL = PLAYGROUND + "settings: {clusterName: x, clusterNam: y}\n"
BAD = PLAYGROUND + "settings:\n  clusterName: x\n  commandTimeout: soon\n"
LINES = {GOOD: [], DOUBTFUL: [2], BAD: [4]}


@pytest.mark.parametrize(
    ("text", "code"), [(GOOD, 0), (DOUBTFUL, 0), (BAD, 3)], ids=["good", "doubtful", "bad"]
)
def test_config_check(tmp_path: Path, text: str, code: int) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(text)
    check = ("config", "check", "--config", str(file))
    plain, github = botkube(*check), botkube(*check, "--output", "github")
    document = botkube(*check, "--output", "json")
    assert [x.returncode for x in (plain, github, document)] == [code] * 3
    problems = json.loads(document.stdout)["problems"]
    assert json.loads(document.stdout)["valid"] is (code == 0)
    assert [x["line"] for x in problems] == LINES[text]
    for line in LINES[text]:
        assert f"{file}:{line}" in plain.stdout + plain.stderr
        kind = "error" if code else "warning"
        assert github.stdout.startswith(f"::{kind} file={file},line={line}")
    assert bool(github.stdout) is bool(LINES[text])


@pytest.mark.parametrize(
    "arguments",
    [
        *(["status"], ["reload"]),
        *(["config", name] for name in ("show", "schema", "explain", "replay", "init")),
        *(["outbox", name] for name in ("list", "show", "retry", "drop")),
    ],
    ids=" ".join,
)
def test_what_is_not_built_yet_says_so(arguments: list[str]) -> None:
    done = botkube(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert "not available in this version" in done.stderr


def test_a_plugin_without_a_host_says_what_it_is() -> None:
    done = botkube("plugin", "serve", "echo")
    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1
    assert "plugin" in done.stderr
    done = botkube("plugin", "serve", "nonsense")
    assert (done.returncode, done.stdout) == (4, "")
    assert "echo, heartbeat" in done.stderr


def test_wrong_usage_is_2() -> None:
    for arguments in (["nonsense"], ["run", "--nonsense"], ["chat", "--timeout", "soon", "ping"]):
        done = botkube(*arguments)
        assert (done.returncode, done.stdout) == (2, "")
