"""The real program as a subprocess, and a client of its API. Used by gates, page tests and benchmarks."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import httpx
import msgspec
import trio
import trio_websocket

START = 30.0
SOURCE = (sys.executable, "-P", "-m", "botkube")


def command() -> tuple[str, ...]:
    """What is tested: the source tree, or the executable that BOTKUBE_BINARY names."""
    binary = os.environ.get("BOTKUBE_BINARY")
    return (binary,) if binary else SOURCE


class Program:
    """One `botkube run` at a time on one state directory; `start` again after it ended."""

    def __init__(
        self,
        folder: Path,
        config: str | None = None,
        *,
        argv: tuple[str, ...] | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder
        self.state_dir = folder / "state"
        self.log = folder / "log"
        self.argv = argv or command()
        self._environ = dict(environ or {})
        self._config = folder / "config.yaml" if config is not None else None
        self._listen = "127.0.0.1:0"
        if config is not None:
            (folder / "config.yaml").write_text(config)
        self.process: subprocess.Popen[str] | None = None  # noqa: TID251 - tests start the whole program
        self.url = ""
        self.url_with_token = ""

    def start(self) -> "Program":
        """Start and wait until it says that it is up. A later start takes the same port."""
        arguments = ["run", "--state-dir", str(self.state_dir), "--listen", self._listen]
        arguments += ["--log-format", "json", "--log-level", "info"]
        if self._config is not None:
            arguments += ["--config", str(self._config)]
        environ = {k: v for k, v in os.environ.items() if not k.startswith(("BOTKUBE_", "XDG_"))}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: TID251 - as above
                [*self.argv, *arguments],
                stdout=subprocess.PIPE,
                stderr=log,
                stdin=subprocess.DEVNULL,
                text=True,
                env=environ | self._environ,
            )
        self._read_url()
        return self

    def _read_url(self) -> None:
        assert self.process is not None
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if "Botkube is running: " in line:
                self.url_with_token = line.split("running: ")[1].split()[0]
                self.url = self.instance["url"]
                self._listen = self.url.removeprefix("http://")
                return
        raise AssertionError(f"it did not start ({self.wait()}):\n{self.log.read_text()}")

    @property
    def instance(self) -> dict[str, str]:
        """`instance.json`."""
        return dict(json.loads((self.state_dir / "instance.json").read_text()))

    @property
    def pid(self) -> int:
        """The program's own process: not a bootloader's."""
        return int(self.instance["pid"])

    @property
    def token(self) -> str:
        """The playground's token."""
        return (self.state_dir / "token").read_text().strip()

    def stop(self, number: int = signal.SIGTERM, within: float = 100.0) -> int:
        """Send a signal and wait for the end; returns the exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.wait(within)

    def wait(self, within: float = 100.0) -> int:
        """Wait for the end; returns the exit code."""
        assert self.process is not None
        code = self.process.wait(within)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code

    def restart(self) -> None:
        """Stop in order and start again."""
        self.stop()
        self.start()

    def close(self) -> None:
        """End it whatever it does."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.wait()

    def log_lines(self) -> list[dict[str, object]]:
        """The log so far, as JSON objects."""
        lines = self.log.read_text().splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    @contextmanager
    def http(self) -> Iterator[httpx.Client]:
        """A client with the token."""
        with httpx.Client(
            base_url=self.url, headers=self.headers, trust_env=False, timeout=60
        ) as client:
            yield client

    @property
    def headers(self) -> dict[str, str]:
        """What a script sends to be let in."""
        return {"authorization": f"Bearer {self.token}"}

    @asynccontextmanager
    async def connected(self) -> AsyncGenerator["Api"]:
        """A user of the API."""
        limits = httpx.Limits(max_connections=64, max_keepalive_connections=64)
        async with httpx.AsyncClient(
            base_url=self.url, headers=self.headers, trust_env=False, limits=limits, timeout=60
        ) as client:
            yield Api(client, self.url, self.token)


class Api:
    """The playground's API, as a script uses it."""

    def __init__(self, client: httpx.AsyncClient, url: str, token: str) -> None:
        self.client = client
        self._url = url
        self._token = token

    async def post(
        self, channel: str, text: str, user: str = "tester", **more: str
    ) -> httpx.Response:
        """Post a message."""
        body = {"user": user, "text": text, **more}
        return await self.client.post(f"/api/v1/channels/{channel}/messages", json=body)

    async def say(
        self, channel: str, text: str, user: str = "tester", **more: str
    ) -> dict[str, object]:
        """Post a message that must be accepted."""
        response = await self.post(channel, text, user, **more)
        assert response.status_code == 201, response.text
        return dict(response.json())

    @asynccontextmanager
    async def stream(self, after: int | None = None) -> AsyncGenerator["Frames"]:
        """The stream of frames."""
        query = "" if after is None else f"?after={after}"
        url = f"ws{self._url.removeprefix('http')}/api/v1/stream{query}"
        headers = [(b"authorization", f"Bearer {self._token}".encode())]
        async with trio_websocket.open_websocket_url(
            url, extra_headers=headers, max_message_size=2**26
        ) as socket:
            yield Frames(socket)

    async def ask(self, channel: str, text: str, user: str = "tester") -> dict[str, object]:
        """Say a command and return its final frame."""
        said = await self.say(channel, text, user)
        async with self.stream(after=int(str(said["seq"]))) as frames:
            return await frames.reply_to(str(said["id"]))


class Frames:
    """Frames as they come."""

    def __init__(self, socket: trio_websocket.WebSocketConnection) -> None:
        self._socket = socket

    async def next(self) -> dict[str, object]:
        """The next frame."""
        return dict(msgspec.json.decode(await self._socket.get_message()))

    async def reply_to(self, command: str) -> dict[str, object]:
        """The final frame of a command."""
        while True:
            frame = await self.next()
            body = frame["body"]
            assert isinstance(body, dict)
            if body.get("reply_to") == command and "outcome" in body:
                return frame


def text_of(frame: Mapping[str, object]) -> str:
    """The text of a frame's base body."""
    body = frame["body"]
    assert isinstance(body, dict)
    base = body.get("baseBody", {})
    return str(base.get("codeBlock") or base.get("plaintext") or "")


async def until(condition: object) -> None:
    """Only for what tells nobody when it changes (another process): looks every 20 ms."""
    assert callable(condition)
    while not condition():  # noqa: ASYNC110 - see above
        await trio.sleep(0.02)
