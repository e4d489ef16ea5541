"""Our plugins under go-plugin's own client, as the original ran them."""

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
import trio

from tests.fakes.bounds import bound
from tests.fakes.gopeers import Peers, Step
from tests.fakes.plugins.rig import gone

pytestmark = [pytest.mark.real, pytest.mark.slow]

ROOT = Path(__file__).parents[3]
FOLDER_BUILD = ROOT / "dist" / "botkube-dir" / "botkube"
HERE = Path(__file__).parents[2] / "fakes" / "plugins" / "interop.py"
SOURCE_TREE = f"{sys.executable} -P -m botkube"


@pytest.fixture(params=["script", "folder build"])
def ours(request: pytest.FixtureRequest) -> str:
    """How a built-in plugin is started, its name to be added."""
    if request.param == "script":
        return f"{SOURCE_TREE} plugin serve"
    if not FOLDER_BUILD.exists():
        pytest.skip("dist/botkube-dir is missing: scripts/build makes it")
    return f"{FOLDER_BUILD} plugin serve"


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where sockets and temporary files of a plugin go, short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="bki-", dir="/tmp") as path:
        monkeypatch.setenv("TMPDIR", path)
        yield Path(path)


async def test_echo(ours: str, peers: Peers, place: Path) -> None:
    steps = await within(200, peers, "executor", f"{ours} echo", "metadata", "help", "ping",
                         "execute=echo hello ünïcode", "execute=echo @fail", "calls=1000,1,echo x",
                         "calls=300,300,echo x", 'configured={"changeResponseToUpperCase":true};echo up', "kill")  # fmt: skip
    start, metadata, help_, ping, hello, failed, calls, crowd, upper, kill = steps
    assert not [step for step in (start, metadata, help_, ping, hello, upper, kill) if step.error]
    assert field(upper, "Message", "baseBody", "codeBlock") == "ECHO UP"
    assert field(metadata, "Version") == "2.0.0"
    assert field(hello, "Message", "baseBody", "codeBlock") == "echo hello ünïcode"
    assert (failed.code, failed.error) == (
        "Unknown",
        "The @fail label was specified. Failing execution.",
    )
    assert field(calls, "failed") == field(crowd, "failed") == 0
    assert field(kill, "exited") is True
    await ends_in_time(kill, peers, f"{ours} echo", "execute=echo x")
    await nothing_left(place)


async def test_how_large_a_command_may_be(ours: str, peers: Peers, place: Path) -> None:
    steps = await within(200, peers, "executor", f"{ours} echo", "send=1024", "send=59392", "send=66560",
                         "execute=echo again", "kill")  # fmt: skip
    _, small, large, too_large, again, _ = steps
    assert (small.payload, large.payload) == (2**20, 58 * 2**20)
    assert too_large.code == "ResourceExhausted"
    assert "message of 68157" in too_large.error
    assert field(again, "Message", "baseBody", "codeBlock") == "echo again"
    await nothing_left(place)


async def test_a_crash_in_a_call(ours: str, peers: Peers, place: Path) -> None:
    steps = await within(200, peers, "executor", f"{ours} echo", "execute=echo @panic", "restart=1",
                         "execute=echo again")  # fmt: skip
    assert steps[1].code == "Unavailable"
    assert field(steps[3], "Message", "baseBody", "codeBlock") == "echo again"
    await gone(lambda: _processes_in(place))  # its socket stays, as that of a Go plugin does


async def test_heartbeat(ours: str, peers: Peers, place: Path) -> None:
    quick = '{"interval":"0s","text":"tick {n}"}'
    large = quick.replace("tick", "t" * 8192)  # some fill a window
    steps = await within(200, peers, "source", f"{ours} heartbeat", "metadata", f"stream={quick},3",
                         f"stall=120,{large}", f"events={quick},5000", "external=x", "kill")  # fmt: skip
    _, metadata, three, stalled, many, external, kill = steps
    assert field(metadata, "Version") == "2.0.0"
    assert not [step for step in (three, stalled, many) if step.error]
    assert external.ms < bound(1000, 20_000)  # beside 120 streams that nobody reads
    assert (external.code, "takes no external requests" in external.error) == (
        "Unimplemented",
        True,
    )
    assert field(kill, "exited") is True
    await nothing_left(place)


@pytest.mark.alone
async def test_fifty_restarts(ours: str, peers: Peers, place: Path) -> None:
    await check_restarts(ours, peers)
    await nothing_left(place)


async def check_restarts(ours: str, peers: Peers) -> None:
    """25 of each kind, both at the same time."""

    async def restart(kind: str, name: str, step: str) -> None:
        steps = await within(250, peers, kind, f"{ours} {name}", "restart=25", step, "kill")
        assert not [step for step in steps if step.error]
        if "GATE_FULL" in os.environ:
            assert steps[1].ms / 25 < 2000, (
                "a restart took longer than a Go host waits before it kills"
            )

    async with trio.open_nursery() as nursery:
        nursery.start_soon(restart, "executor", "echo", "execute=echo x")
        nursery.start_soon(restart, "source", "heartbeat", 'stream={"interval":"0s"},1')


async def test_a_plugin_of_an_author(peers: Peers, place: Path) -> None:
    argv = f"{sys.executable} -P {HERE}"
    trace = place / "trace"
    steps = await within(200, peers, "executor", f"{argv} executor", "execute=peer print 300",
                         f"deadline=2000,peer hang {trace}", f"cancel=2000,peer hang {trace}",
                         "execute=peer messages 15", "execute=peer messages 16", "execute=peer big 8192", "execute=peer when",
                         "execute=peer raise", "stdio", "kill")  # fmt: skip
    _, printed, deadline, cancelled, messages, too_many, big, when, raised, stdio, kill = steps
    assert stdio.payload == {"stdout": 0, "stderr": 0}  # what is printed goes to the real stderr
    assert (raised.code, "not in the book, ü" in raised.error) == ("Unknown", True)
    assert not [step for step in (printed, messages, big, when, kill) if step.error]
    assert (deadline.code, cancelled.code) == ("DeadlineExceeded", "Canceled")
    assert trace.read_text() == "cancelled\ncancelled\n"
    assert len(list_of(messages, "Messages")) == 15
    assert (
        len(list_of(too_many, "Messages")) == 15
    )  # a Go host drops what is more, and the SDK warns
    assert len(str(field(big, "Message", "baseBody", "codeBlock"))) == 8 * 2**20
    assert str(field(when, "Message", "timestamp")).endswith("Z")  # its zone was another
    trace.unlink()
    await nothing_left(place)


async def test_one_that_cannot_end_is_gone_in_time(peers: Peers, place: Path) -> None:
    argv = f"{sys.executable} -P {HERE}"
    steps = await within(200, peers, "executor", f"{argv} executor", "execute=peer stay", "kill")
    kill = steps[2]
    assert field(kill, "exited") is True
    await ends_in_time(kill, peers, f"{argv} executor", "execute=peer stay")
    await nothing_left(place)


async def test_a_source_of_an_author(peers: Peers, place: Path) -> None:
    argv = f"{sys.executable} -P {HERE}"
    steps = await within(200, peers, "source", f"{argv} source", "stream={},1", "external=hello",
                         "external=@fail", "events={events: 20000, size: 1024},20000",
                         "events={events: 4, size: 8388608},4", "kill")  # fmt: skip
    _, one, external, failed, many, large, kill = steps
    assert (many.payload, large.payload) == (20_000, 4)
    assert one.payload == ["once"]
    assert field(external, "Event", "Message", "baseBody", "plaintext") == "hello"
    assert (failed.code, failed.error) == ("Unknown", "not to its taste")
    assert field(kill, "exited") is True
    await nothing_left(place)


async def ends_in_time(kill: Step, peers: Peers, argv: str, *steps: str) -> None:
    """Before the Go host kills it, past 2 s, and never a child; a busy machine has several tries."""
    for _ in range(4):
        if kill.ms < 2000:
            return
        *_, kill = await within(100, peers, "executor", argv, *steps, "kill")
    assert kill.ms < 2000


async def within(seconds: float, peers: Peers, kind: str, argv: str, *steps: str) -> list[Step]:
    with trio.fail_after(seconds):
        return await peers.host(kind, argv, *steps)


def field(step: Step, *names: str) -> object:
    """A part of what a step gave, by its path."""
    found: object = step.payload
    for name in names:
        found = msgspec.convert(found, dict[str, object])[name]
    return found


def list_of(step: Step, *names: str) -> list[object]:
    return msgspec.convert(field(step, *names), list[object])


async def nothing_left(place: Path) -> None:
    """No process of the plugin, no file in its folder."""
    await gone(lambda: _processes_in(place))
    assert not list(place.iterdir())


def _processes_in(place: Path) -> list[int]:
    mark = b"TMPDIR=" + os.fsencode(place) + b"\0"
    return [
        pid
        for pid in (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal())
        if mark in _environ(pid)
    ]


def _environ(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes() + b"\0" if pid != os.getpid() else b""
    except OSError:
        return b""
