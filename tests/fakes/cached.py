"""Plugins of a few lines, put where a plugin cache keeps them."""

import sys
from pathlib import Path

RAW = Path(__file__).parent / "plugins" / "raw.py"
REPO = "gate"

# `sleeper S`: says so in a file beside it, sleeps, and says so again.
SLEEPER = """#!{python} -P
import pathlib
import trio
from botkube.sdk import ExecuteInput, Executor, NoConfig, serve


class Sleeper(Executor[NoConfig]):
    name = "{name}"
    version = "1.0.0"
    description = "Sleeps for as long as it is told."

    async def execute(self, request: ExecuteInput, config: NoConfig) -> str:
        with pathlib.Path(__file__ + ".trace").open("a") as file:
            file.write(request.command + "\\n")
        await trio.sleep(float(request.command.split()[1]))
        return "awake after " + request.command


serve(Sleeper())
"""

BROKEN = """#!{python} -IS
import runpy
import sys

sys.argv = ["raw.py", "{mode}"]
runpy.run_path("{raw}", run_name="__main__")
"""


def put_sleeper(folder: Path, name: str = "sleeper") -> Path:
    """A good plugin, in the cache of this folder."""
    return _put(folder, name, SLEEPER.format(python=sys.executable, name=name))


def put_broken(folder: Path, mode: str) -> Path:
    """A plugin called like its mode, see `tests/fakes/plugins/raw.py`."""
    return _put(folder, mode, BROKEN.format(python=sys.executable, mode=mode, raw=RAW))


def _put(folder: Path, name: str, text: str, kind: str = "executor") -> Path:
    path = folder / "cache" / REPO / f"{kind}_v1.0.0_{name}"
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{name}")
    fresh.write_text(text)
    fresh.chmod(0o755)
    return fresh.replace(path)


def runs_of(path: Path) -> list[str]:
    """The commands that a sleeper began to run."""
    trace = Path(f"{path}.trace")
    return trace.read_text().splitlines() if trace.exists() else []


# `talker`: says that it began, starts children and waits for them for a minute, all by a shell.
TALKER = """#!{python} -P
from botkube.sdk import ExecuteInput, Executor, NoConfig, run_command, serve

SCRIPT = "echo began $$; sleep 60 & echo child $!; setsid --fork true; (sleep 60 & echo grandchild $!; wait) & wait"


class Talker(Executor[NoConfig]):
    name = "talker"
    version = "1.0.0"
    description = "Talks while it works."
    streams_output = True

    async def execute(self, request: ExecuteInput, config: NoConfig) -> str:
        words = request.command.split()
        if words[1:2] == ["flood"]:
            for number in range(64 * 16):
                await request.output.write("x" * 65_535 + "\\n")
            return "flooded"
        if words[1:2] == ["die"]:
            await request.output.write("last words\\n")
            import os
            import sys

            sys.stderr.write("cannot go on\\n")
            sys.stderr.flush()
            os._exit(3)
        return (await run_command(["sh", "-c", SCRIPT], output=request.output)).text


serve(Talker())
"""


def put_talker(folder: Path) -> Path:
    """A plugin that streams its output."""
    return _put(folder, "talker", TALKER.format(python=sys.executable))


# `hook`: a webhook's message is the event, unless its first word says what to do instead.
HOOK = """#!{python} -P
import os
import pathlib

import msgspec
import trio
from botkube.sdk import Event, ExternalInput, NoConfig, Source, UserError, plaintext, serve


class Payload(msgspec.Struct):
    message: str


class Hook(Source[NoConfig]):
    name = "hook"
    version = "1.0.0"
    description = "Takes messages."
    external_request_schema = '{{"type":"object","required":["message"],"properties":{{"message":{{"type":"string"}}}}}}'

    async def stream(self, request, config, emit) -> None:
        await trio.sleep_forever()

    async def handle_external_request(self, request: ExternalInput, config: NoConfig) -> Event:
        message = msgspec.json.decode(request.payload, type=Payload).message
        trace = pathlib.Path(__file__ + ".trace")
        match message.split():
            case ["fail", *words]:
                raise UserError(" ".join(words))
            case ["sleep", seconds]:
                trace.write_text("asleep")
                try:
                    await trio.sleep(float(seconds))
                except trio.Cancelled:
                    trace.write_text("cancelled")
                    raise
            case ["die"]:
                os._exit(3)
        return Event(message=plaintext(message), raw={{"message": message}})


serve(Hook())
"""


def put_hook(folder: Path) -> Path:
    """A source that takes webhook requests."""
    return _put(folder, "hook", HOOK.format(python=sys.executable), "source")


def trace_of(path: Path) -> str:
    """What a hook noted last."""
    trace = Path(f"{path}.trace")
    return trace.read_text() if trace.exists() else ""


# `flaky`: dies a moment after its start, so many times; then it is a good plugin.
FLAKY = """#!{python} -P
import os
import pathlib
import threading
from botkube.sdk import ExecuteInput, Executor, NoConfig, serve


class Flaky(Executor[NoConfig]):
    name = "flaky"
    version = "1.0.0"
    description = "Crashes."

    async def execute(self, request: ExecuteInput, config: NoConfig) -> str:
        return "alive"


def die():
    os.write(2, b"cannot keep up\\nfor long\\n")
    os._exit(3)


starts = pathlib.Path(__file__ + ".starts")
with starts.open("a") as file:
    file.write("x")
if len(starts.read_text()) <= {crashes}:
    threading.Timer({after}, die).start()
serve(Flaky())
"""


def put_flaky(folder: Path, crashes: int, after: float = 0.6) -> Path:
    """A plugin that crashes so many times in a row, so many seconds after each start."""
    text = FLAKY.format(python=sys.executable, crashes=crashes, after=after)
    return _put(folder, "flaky", text)


# A source whose stream never opens.
SHUT = """#!{python} -P
from botkube.sdk import Emit, NoConfig, Source, StreamInput, UserError, serve


class Shut(Source[NoConfig]):
    name = "shut"
    version = "1.0.0"
    description = "Refuses to stream."

    async def stream(self, request: StreamInput, config: NoConfig, emit: Emit) -> None:
        raise UserError("the door is shut")


serve(Shut())
"""


def put_shut(folder: Path) -> Path:
    """It, in the cache of this folder."""
    return _put(folder, "shut", SHUT.format(python=sys.executable), kind="source")
