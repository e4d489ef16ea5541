"""A plugin of somebody else's, as a script that uses the SDK, with the bad habits of real code."""

import json
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from subprocess import PIPE
from typing import Final

import pytest
import trio

from botkube.model.message import decode_message
from botkube.wire.client import PluginClient, open_client
from botkube.wire.errors import CallError
from botkube.wire.handshake import launch_variables, parse_handshake
from botkube.wire.messages import ExecuteRequest

pytestmark = pytest.mark.real

SCRIPT: Final = """
import logging, os, subprocess, sys
import trio
from botkube.sdk import Executor, serve

class Careless(Executor):
    name, version, description = "careless", "1", "Prints and hangs"

    async def execute(self, request, config):
        match request.command.split():
            case ["print"]:
                print("stray", flush=True)
                os.write(1, b"raw\\n")
                subprocess.run(["echo", "from a child"], check=True)
                logging.getLogger("careless").warning("logged", extra={"pod": "web"})
            case ["raise"]:
                raise RuntimeError("it broke")
            case ["hang"]:
                logging.getLogger("careless").info("hanging")
                with trio.CancelScope(shield=True):
                    await trio.sleep_forever()
        return "done"

serve(Careless())
"""


@asynccontextmanager
async def careless(folder: Path) -> AsyncGenerator[tuple[trio.Process, PluginClient, Path]]:
    script, stderr = folder / "careless.py", folder / "stderr"
    script.write_text(SCRIPT)
    env = {"PATH": os.environ["PATH"], "TMPDIR": str(folder), **launch_variables()}
    with stderr.open("wb") as log:
        process = await trio.lowlevel.open_process(
            [sys.executable, str(script)], env=env, stdout=PIPE, stderr=log
        )
    try:
        assert process.stdout is not None
        line = await process.stdout.receive_some()
        async with open_client(parse_handshake(bytes(line))) as client:
            yield process, client, stderr
    finally:
        process.kill()
        with trio.move_on_after(30, shield=True):
            await process.wait()


async def test_what_is_printed_goes_to_stderr_beside_the_log(tmp_path: Path) -> None:
    with trio.fail_after(100):
        async with careless(tmp_path) as (process, client, stderr):
            response = await client.execute(ExecuteRequest(command="print"))
            assert decode_message(response.message).base_body.code_block == "done"
            await client.shutdown()
            await process.wait()
            assert process.stdout is not None
            assert await process.stdout.receive_some() == b""
            *printed, logged = stderr.read_text().splitlines()
            assert printed == ["stray", "raw", "from a child"]
            line = json.loads(logged)
            assert (line["@level"], line["@message"], line["pod"]) == ("warn", "logged", "web")


async def test_an_unexpected_error_reaches_the_user_and_the_log(tmp_path: Path) -> None:
    with trio.fail_after(100):
        async with careless(tmp_path) as (_, client, stderr):
            with pytest.raises(CallError, match="it broke") as raised:
                await client.execute(ExecuteRequest(command="raise"))
            assert raised.value.status == "UNKNOWN"
            line = json.loads(stderr.read_text())
            assert line["@level"] == "error"
            assert "RuntimeError: it broke" in line["exception"]


async def test_code_that_cannot_be_cancelled_delays_the_end_by_a_moment_only(
    tmp_path: Path,
) -> None:
    with trio.fail_after(100):
        async with careless(tmp_path) as (process, client, stderr), trio.open_nursery() as nursery:
            nursery.start_soon(lose_call, client, "hang")
            while "hanging" not in stderr.read_text():  # noqa: ASYNC110  # a file rings no bell
                await trio.sleep(0.01)
            with trio.fail_after(100):
                await client.shutdown()
                assert await process.wait() == 0


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (SCRIPT, "careless: This is a plugin of Botkube: Botkube starts it"),
        (SCRIPT.replace('"1",', '"",'), "careless: Careless.version is missing"),
        (SCRIPT.replace("name,", "name_,"), "plugin: Careless.name is missing"),
    ],
)
async def test_by_hand_it_says_what_it_is_and_what_it_lacks(
    tmp_path: Path, script: str, said: str
) -> None:
    file = tmp_path / "careless.py"
    file.write_text(script)
    with trio.fail_after(100):
        done = await trio.run_process([sys.executable, str(file)], capture_stderr=True, check=False)
    assert done.returncode == 1
    assert done.stderr.decode().startswith(said)
    assert done.stderr.count(b"\n") == 1


async def lose_call(client: PluginClient, command: str) -> None:
    with pytest.raises(CallError) as raised:
        await client.execute(ExecuteRequest(command=command))
    assert raised.value.status == "UNAVAILABLE"
