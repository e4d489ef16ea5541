"""What the rehearsal is for: a plugin that is forked has nothing to import any more."""

import os
from pathlib import Path

import pytest
import trio

from botkube.wire.client import open_client
from botkube.wire.handshake import launch_variables, parse_handshake
from botkube.wire.messages import ExecuteRequest, StreamRequest
from tests.fakes.forking import Fork, serving

pytestmark = pytest.mark.real

PRELOAD = "from botkube.builtin import preload; preload()"
SERVE = """
import atexit
before = set(sys.modules)
atexit.register(lambda: print("imported:", sorted(set(sys.modules) - before), file=sys.stderr))
from botkube.builtin import serve
serve(os.environ["NAME"])
"""


async def use(handshake: bytes, name: str) -> None:
    with trio.fail_after(100):
        async with open_client(parse_handshake(handshake)) as client:
            await client.check_health()
            if name == "echo":
                await client.execute(ExecuteRequest(command="echo hi"))
                await client.executor_metadata()
            else:
                async with client.stream(StreamRequest()) as events:
                    await anext(events)
            await client.shutdown()


@pytest.mark.parametrize("name", ["echo", "heartbeat"])
def test_a_built_in_plugin_imports_nothing_after_the_fork(tmp_path: Path, name: str) -> None:
    with serving(f"import os\n{SERVE}", PRELOAD) as server:
        environ = {**launch_variables(), "PLUGIN_UNIX_SOCKET_DIR": str(tmp_path), "NAME": name}
        fork = server.order(*(os.fsencode(f"{key}={value}") for key, value in environ.items()))
        fork.go()
        trio.run(use, first_line(fork), name)
        assert fork.end() == (0, "", "imported: []\n")
        assert server.close() == (0, "")


def first_line(fork: Fork) -> bytes:
    line = b""
    while not line.endswith(b"\n"):
        line += os.read(fork.stdout, 4096)
    return line
