"""Plugins as authors write them, to be put into a file and started; commands of the executor are named by `match`."""

from pathlib import Path
from typing import Final

EXECUTOR: Final = """
import logging
import os

import msgspec

from botkube.sdk import ExecuteInput, Executor, Reply, UserError, code_block, kubeconfig_file, run_command, serve


class Settings(msgspec.Struct, frozen=True):
    words: tuple[str, ...] = ()
    nested: dict[str, int] = {}


class Sample(Executor[Settings]):
    name = "sample"
    version = "1.2.3"
    description = "Does what a test wants."
    streams_output = STREAMS

    async def execute(self, request: ExecuteInput, config: Settings) -> Reply:
        match request.command.split()[1:]:
            case ["config"]:
                return f"{config.words} {config.nested}"
            case ["who"]:
                return f"{request.user.mention} {request.user.display_name} {request.message.url} {request.interactive} {request.webhook_base_url}"
            case ["state", block, action]:
                return str(request.state[block][action].values)
            case ["cluster"]:
                with kubeconfig_file(self.name, request.kube_config) as path:
                    return path.read_text()
            case ["tmp"]:
                return os.environ["TMPDIR"]
            case ["several"]:
                return (code_block("one"), code_block("two"))
            case ["refuse"]:
                raise UserError("not today")
            case ["die"]:
                logging.getLogger("sample").error("last words")
                os._exit(3)
            case ["print"]:
                print("printed")
                return "done"
            case ["talk"]:
                result = await run_command("sh -c 'echo größer; echo two'", output=request.output)
                return result.stdout
            case ["wait"]:
                await run_command("sh -c 'echo $$; sleep 300'", output=request.output)
        return request.command


serve(Sample())
"""

SOURCE: Final = """
import msgspec
import trio

from botkube.sdk import Emit, Event, ExternalInput, Source, StreamInput, UserError, plaintext, serve


class Settings(msgspec.Struct, frozen=True):
    count: int = 2


class Ticker(Source[Settings]):
    name = "ticker"
    version = "0.1.0"
    description = "Counts."
    external_request_schema = "{}"

    async def stream(self, request: StreamInput, config: Settings, emit: Emit) -> None:
        for n in range(config.count):
            await emit(Event(message=plaintext(f"{n} on {request.cluster_name}"), raw={"n": n}, labels={"kind": "tick"}))
        if config.count > 2:
            raise UserError("that is too much")
        await trio.sleep_forever()

    async def handle_external_request(self, request: ExternalInput, config: Settings) -> Event:
        return Event(message=plaintext(request.payload.decode()), raw=config.count)


serve(Ticker())
"""


def put_executor(folder: Path, *, streams: bool = True) -> Path:
    """The executor `sample`, as a file."""
    path = folder / "sample.py"
    path.write_text(EXECUTOR.replace("STREAMS", str(streams)))
    return path


def put_source(folder: Path) -> Path:
    """The source `ticker`, as a file."""
    path = folder / "ticker.py"
    path.write_text(SOURCE)
    return path
