"""`botkube doctor` as a program of its own, against the fake Slack."""

import json
import os
import pty
import re
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio

from tests.fakes.forward import forwarding
from tests.fakes.program import Program
from tests.fakes.slack.server import FakeSlack, serving_slack
from tests.fakes.slack.workspace import APP_TOKEN, BOT_TOKEN

pytestmark = [pytest.mark.real, pytest.mark.slow]
ANSWER = re.compile(r"answer \d+\.")
ECHO = {"sources": [], "executors": ["tools"]}
KEY = "communications.default.socketSlack"


class Clinic:
    """A fake Slack, and a configuration that names it."""

    def __init__(self, slack: FakeSlack, folder: Path) -> None:
        self.slack = slack
        self.folder = folder
        self.slacks: dict[str, dict[str, object]] = {"default": self.good()}

    def good(self) -> dict[str, object]:
        """The configuration of a group in which all is good."""
        return {
            "enabled": True,
            "botToken": BOT_TOKEN,
            "appToken": APP_TOKEN,
            "apiURL": self.slack.api_url,
            "channels": {"g": {"name": "general"}},
        }

    def change(self, **keys: object) -> None:
        """Change keys of the group."""
        self.slacks["default"] |= keys

    async def doctor(
        self, *arguments: str, config: bool = True, environ: Mapping[str, str] | None = None
    ) -> tuple[int, str, str]:
        """Exit code, stdout, stderr."""
        path = self.folder / "named.yaml"
        groups = {name: {"socketSlack": keys} for name, keys in self.slacks.items()}
        path.write_text(json.dumps({"communications": groups}))
        named = ["--config", str(path)] if config else []
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("BOTKUBE_", "XDG_"))}
        done = await trio.run_process(
            [sys.executable, "-P", "-m", "botkube", "doctor", *arguments, *named],
            capture_stdout=True,
            capture_stderr=True,
            check=False,
            env={**clean, "XDG_STATE_HOME": str(self.folder), **(environ or {})},
        )
        out, err = done.stdout.decode(), done.stderr.decode()
        assert "Traceback" not in err
        for token in (BOT_TOKEN, APP_TOKEN, "fake-bot", "fake-app"):
            assert token not in out + err
        return done.returncode, out, err

    async def lines(self, level: str) -> list[str]:
        """What is said on this level; the exit code fits to it."""
        code, out, _ = await self.doctor("slack")
        lines = out.splitlines()
        assert code == any(line.startswith("error: ") for line in lines)
        return [line for line in lines if line.startswith(f"{level}: ")]


@asynccontextmanager
async def clinic(folder: Path) -> AsyncGenerator[Clinic]:
    with trio.fail_after(250):
        async with serving_slack() as slack:
            yield Clinic(slack, folder)


async def test_all_is_good(tmp_path: Path) -> None:
    async with clinic(tmp_path) as it:
        code, out, err = await it.doctor("slack")
    assert (code, err) == (0, "")
    assert len(out.splitlines()) == 7
    assert all(line.startswith(f"ok: {KEY}: ") for line in out.splitlines())
    assert "it is botkube in the workspace Fake" in out


async def test_json_is_one_document_of_every_group(tmp_path: Path) -> None:
    async with clinic(tmp_path) as it:
        it.slacks["other"] = it.good() | {"enabled": False, "botToken": "xoxb-wrong"}
        code, out, _ = await it.doctor("--output", "json")
    first, second = json.loads(out)
    assert code == 1
    assert first["key"] == KEY
    assert {finding["level"] for finding in first["findings"]} == {"ok"}
    levels = {f["subject"]: f["level"] for f in second["findings"]}
    assert second["key"] == "communications.other.socketSlack"
    assert (levels["configuration"], levels["bot token"]) == ("warning", "error")


async def test_the_environment_counts_as_for_run(tmp_path: Path) -> None:
    async with clinic(tmp_path) as it:
        key = "BOTKUBE_COMMUNICATIONS_DEFAULT_SOCKET__SLACK_BOT__TOKEN"
        code, out, _ = await it.doctor(environ={key: "xoxb-wrong"})
    assert code == 1
    assert "bot token: Slack does not know the token" in out


async def test_a_table_and_what_is_to_be_done_on_a_terminal(tmp_path: Path) -> None:
    async with clinic(tmp_path) as it:
        it.change(channels={"o": {"name": "nowhere"}})
        code, out = await on_terminal(it)
    assert code == 1
    lines = out.splitlines()
    assert lines[0] == KEY
    assert lines[1].split() == ["STATE", "CHECK", "WHAT"]
    assert lines[-1].startswith(f"  → correct {KEY}.channels.o.name, or in #nowhere type: /invite")


async def on_terminal(it: Clinic) -> tuple[int, str]:
    """Run it with a terminal as its output."""
    ours, theirs = pty.openpty()
    groups = {name: {"socketSlack": keys} for name, keys in it.slacks.items()}
    (it.folder / "config.yaml").write_text(json.dumps({"communications": groups}))
    arguments = ["doctor", "slack", "--config", str(it.folder / "config.yaml")]
    done = await trio.run_process(
        [sys.executable, "-P", "-m", "botkube", *arguments],
        stdout=theirs,
        check=False,
        env={**os.environ, "NO_COLOR": "1", "TERM": "xterm"},
    )
    os.close(theirs)
    out = os.read(ours, 65536).decode().replace("\r\n", "\n")
    os.close(ours)
    return done.returncode, out.rstrip()


BROKEN: Mapping[str, tuple[Mapping[str, object], str]] = {
    "no bot token": ({"botToken": ""}, "botToken: botToken is a required field"),
    "tokens mixed up": ({"botToken": APP_TOKEN}, "botToken and appToken are mixed up"),
    "unknown token": ({"botToken": "xoxb-no"}, "Slack does not know the token"),
    "unknown app token": ({"appToken": "xapp-no"}, "app token: Slack does not know"),
    "unknown channel": ({"channels": {"x": {"name": "x"}}}, "channel #x: no such channel"),
    "no channel": ({"channels": {}}, "channels: channels is a required field"),
    "no server": ({"apiURL": "http://127.0.0.1:9/api/"}, "network: Slack cannot be reached"),
    "no authorities": ({"caFile": "/nowhere.pem"}, "caFile /nowhere.pem cannot be used: No such"),
    "no proxy": ({"proxy": "http://u:geheim@127.0.0.1:9"}, f"look at the proxy: {KEY}.proxy"),
}


@pytest.mark.parametrize("case", BROKEN)
async def test_what_is_configured_wrongly(tmp_path: Path, case: str) -> None:
    keys, expected = BROKEN[case]
    async with clinic(tmp_path) as it:
        it.change(**keys)
        code, out, err = await it.doctor("slack")
    assert code != 0
    assert expected in out + err
    assert "geheim" not in out + err


async def test_what_is_wrong_at_slack(tmp_path: Path) -> None:
    async with clinic(tmp_path) as it:
        space = it.slack.workspace
        space.scopes -= {"chat:write", "users:read"}
        space.members.discard("C1")
        space.ahead = 300.0
        it.slack.sockets.foreign = 4
        errors, warnings = await it.lines("error"), await it.lines("warning")
    assert len(errors) == 2
    assert "no chat:write: the bot can say nothing; OAuth & Permissions" in errors[0]
    assert "channel #general: the bot is not in it" in errors[1]
    assert errors[1].endswith("type: /invite @botkube")
    assert len(warnings) == 3
    assert "s behind Slack's; set this machine's clock" in warnings[0]
    assert "no users:read" in warnings[1]
    assert "sockets: the app has 4 other sockets open" in warnings[2]


async def test_what_is_not_switched_on_yet_need_not_be_whole(tmp_path: Path) -> None:
    async with clinic(tmp_path) as it:
        it.change(enabled=False, channels={})
        (line,) = await it.lines("error")
    fix = f"add one: {KEY}.channels: {{general: {{name: general}}}}"
    assert line == f"error: {KEY}: channels: none is configured; {fix}"


async def test_through_a_proxy(tmp_path: Path) -> None:
    async with clinic(tmp_path) as it, forwarding() as proxy:
        it.change(proxy=proxy.url)
        code, out, _ = await it.doctor("slack")
        assert code == 0, out
        assert f"through the proxy {proxy.url}" in out
        assert ("CONNECT", f"127.0.0.1:{it.slack.socket_port}") in [a[:2] for a in proxy.asked]


async def test_nothing_to_look_at(tmp_path: Path) -> None:
    async with clinic(tmp_path) as it:
        code, out, err = await it.doctor("teams")
        assert (code, out) == (2, "")
        assert "'teams' is not known to doctor; it knows: slack" in err
        code, out, err = await it.doctor("slack", config=False)
        assert (code, out) == (4, "")
        assert "no slack is configured; name the configuration with --config" in err
        it.slacks = {"default": {}}
        code, out, err = await it.doctor("slack")
        assert (code, out) == (4, "")
        assert "named.yaml: there is no communications.<group>.socketSlack.enabled" in err


async def test_a_configuration_that_cannot_be_used(tmp_path: Path) -> None:
    async with clinic(tmp_path) as it:
        it.change(timeout="soon")
        code, out, err = await it.doctor("slack")
    assert (code, out) == (3, "")
    assert f"{KEY}.timeout" in err


async def test_without_a_name_it_reads_what_the_running_instance_reads(tmp_path: Path) -> None:
    async with clinic(tmp_path) as it:
        groups = {"default": {"socketSlack": it.good() | {"botToken": "xoxb-other"}}}
        groups["default"]["playground"] = {"enabled": True, "channels": {"a": {"name": "a"}}}
        program = Program(tmp_path, json.dumps({"communications": groups}))
        try:
            await trio.to_thread.run_sync(program.start)
            place = ("--state-dir", str(program.state_dir))
            code, out, _ = await it.doctor("slack", *place, config=False)
        finally:
            with trio.move_on_after(30, shield=True):
                await trio.to_thread.run_sync(program.close)
    assert code == 1
    assert "bot token: Slack does not know the token" in out


async def asking(slack: FakeSlack) -> None:
    """Somebody asks something all the time."""
    for number in range(1000):
        slack.mention(f"echo answer {number}.")
        await trio.sleep(0.5)


def answers(slack: FakeSlack) -> set[str]:
    """The answers that can be read."""
    return {found for post in slack.workspace.posts() for found in ANSWER.findall(post.shown)}


async def test_a_running_botkube_misses_no_mention_meanwhile(tmp_path: Path) -> None:
    async with clinic(tmp_path) as it:
        keys = it.good() | {"channels": {"g": {"name": "general", "bindings": ECHO}}}
        tools = {"tools": {"builtin/echo": {"enabled": True}}}
        groups = {"default": {"socketSlack": keys}}
        # Soon: each attempt may meet a socket that goes.
        it.slack.sockets.retries = (0.0, *[1.0] * 20)
        program = Program(tmp_path, json.dumps({"executors": tools, "communications": groups}))
        try:
            await trio.to_thread.run_sync(program.start)
            await it.slack.sockets.connected()
            async with trio.open_nursery() as nursery:
                nursery.start_soon(asking, it.slack)
                codes = [(await it.doctor("slack"))[:2] for _ in range(3)]
                nursery.cancel_scope.cancel()
            said = it.slack.workspace.history["C1"]
            asked = sum(entry["user"] == "U1" for entry in said)
            await it.slack.until(lambda: len(answers(it.slack)) >= asked)
        finally:
            with trio.move_on_after(30, shield=True):
                await trio.to_thread.run_sync(program.close)
    assert [code for code, _ in codes] == [0, 0, 0]
    assert all("1 other socket open (a running Botkube has one)" in out for _, out in codes)
