"""`botkube chat`: a user of the playground's API, in a terminal."""

import importlib
import json
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final, Literal
from urllib.parse import parse_qs, quote, urlsplit, urlunsplit

import msgspec
import trio
import trio_websocket

from botkube.app.statedir import StateDirError
from botkube.cli import exits, instance
from botkube.cli.instance import Client, NoAnswer
from botkube.model.message import decode_message, plain_text
from botkube.runtime.terminal import without_controls

MENTION: Final = "@Botkube"
LARGEST: Final = 64 * 2**20  # bytes of one frame
NOTHING: Final = "(no reply: the command was for another cluster, or answers with nothing)"


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """The command line of `chat`."""

    command: str | None
    url: str
    token: str
    channel: str
    user: str
    timeout: float
    output: Literal["text", "json"]
    state_dir: Path | None


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """The part of a channel that is looked at."""

    name: str


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What a message that was said became."""

    id: str
    seq: int


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """The part of a stream frame that is looked at."""

    type: str
    body: msgspec.Raw
    to: str = ""


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """The part of a body that tells a final reply."""

    reply_to: str = ""
    outcome: str = ""
    header: str = ""
    description: str = ""
    messages: tuple[msgspec.Raw, ...] = ()


def run(options: Options) -> int:
    """Say one command and print the reply, or every line of the input; returns the exit code."""
    code = exits.OK
    try:
        code = trio.run(_run, options)
    except* (NoAnswer, StateDirError) as group:
        code = max(instance.told(group), exits.UNREACHABLE)  # no channel of that name, say
    return code


async def _run(options: Options) -> int:
    url, token = _instance(options)
    async with _session(options, url, token) as session:
        if options.command is not None:
            return await session.ask(options.command)
        return await _converse(session)


async def _converse(session: "Session") -> int:
    """One command per line; a prompt on a terminal. The exit code is that of the worst reply."""
    worst = exits.OK
    prompt = f"{session.channel}> " if sys.stdin.isatty() else ""
    if prompt:
        _edit_lines()
    while line := await trio.to_thread.run_sync(_read_line, prompt, abandon_on_cancel=True):
        if line.strip() in ("exit", "quit"):
            break
        if line.strip():
            worst = max(worst, await session.ask(line.strip()))
    return worst


def _edit_lines() -> None:
    """Give the prompt arrows and a history where the system has them."""
    with suppress(ImportError):
        importlib.import_module("readline")


def _read_line(prompt: str) -> str:
    """One line with its end; "" at the end of the input."""
    if not prompt:
        return sys.stdin.readline()
    try:
        return input(prompt) + "\n"
    except EOFError:
        return ""


def _instance(options: Options) -> tuple[str, str]:
    """Where the instance is and its token."""
    if options.url:
        try:
            parts = urlsplit(options.url)
        except ValueError as error:
            exits.fail(exits.USAGE, f"--url: {options.url!r} is no URL: {error}")
        token = options.token or parse_qs(parts.query).get("token", [""])[0]
        return urlunsplit((parts.scheme, parts.netloc, "", "", "")), token
    found = instance.running(options.state_dir, os.environ)
    return found.url, options.token or found.token


@asynccontextmanager
async def _session(options: Options, url: str, token: str) -> AsyncGenerator["Session"]:
    async with instance.connected(url, token) as client:
        channel = options.channel or await _first_channel(client)
        yield Session(options, client, url, token, channel)


async def _first_channel(client: Client) -> str:
    channels = msgspec.json.decode(await client.ask("GET", "/api/v1/channels"), type=list[Named])
    if not channels:
        raise NoAnswer("the instance has no playground channel: add one to its configuration")
    return channels[0].name


class Session:
    """One user in one channel."""

    def __init__(
        self, options: Options, client: Client, url: str, token: str, channel: str
    ) -> None:
        self.channel = channel
        self._options = options
        self._client = client
        self._stream = f"ws{url.removeprefix('http')}/api/v1/stream"
        self._token = token

    async def ask(self, command: str) -> int:
        """Say a command and print its reply.

        Raises:
            NoAnswer: the instance went away, or there was no reply within the time.
        """
        command = command.encode("utf-8", "replace").decode()
        text = command if command.lower().startswith(MENTION.lower()) else f"{MENTION} {command}"
        path = f"/api/v1/channels/{quote(self.channel, safe='')}/messages"
        with trio.move_on_after(self._options.timeout):
            message = {"user": self._options.user, "text": text}
            answer = await self._client.ask("POST", path, message)
            said = msgspec.json.decode(answer, type=Said)
            body = await self._reply(said.id, said.seq)
            return self._show(body)
        raise NoAnswer(f"no reply within {self._options.timeout:g} s")

    async def _reply(self, command: str, after: int) -> bytes:
        headers = [(b"authorization", f"Bearer {self._token}".encode())]
        try:
            async with trio_websocket.open_websocket_url(
                f"{self._stream}?after={after}", extra_headers=headers, max_message_size=LARGEST
            ) as socket:
                while True:
                    frame = msgspec.json.decode(await socket.get_message(), type=Frame)
                    if _ends(frame, command):
                        return bytes(frame.body)
        except (trio_websocket.ConnectionClosed, trio_websocket.HandshakeError, OSError) as error:
            raise NoAnswer(f"the connection to {self._stream} ended: {error}") from error

    def _show(self, body: bytes) -> int:
        ending = msgspec.json.decode(body, type=Ending)
        if self._options.output == "json":
            print(json.dumps(json.loads(body), ensure_ascii=False))
        else:
            print(_text(body, ending) or NOTHING, flush=True)
        return exits.OK if ending.outcome == "ok" else exits.FAILED


def _ends(frame: Frame, command: str) -> bool:
    if frame.type == "typing":
        return False
    ending = msgspec.json.decode(frame.body, type=Ending)
    return ending.reply_to == command and bool(ending.outcome)


def _text(body: bytes, ending: Ending) -> str:
    parts = [ending.header, plain_text(decode_message(body))]
    parts.extend(plain_text(decode_message(bytes(raw))) for raw in ending.messages)
    text = "\n".join(part.strip("\n") for part in parts if part.strip())
    return without_controls(text)  # what a plugin printed must not drive the terminal
