"""`botkube chat`: a user of the playground's API, in a terminal."""

import importlib
import json
import os
import re
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final, Literal
from urllib.parse import parse_qs, quote, urlsplit, urlunsplit

import httpx
import msgspec
import trio
import trio_websocket

from botkube.app.statedir import StateDirError, client_state_dirs, find_instance
from botkube.cli import exits
from botkube.model.message import decode_message, plain_text

MENTION: Final = "@Botkube"
LARGEST: Final = 64 * 2**20  # bytes of one frame
NOTHING: Final = "(no reply: the command was for another cluster, or answers with nothing)"
CONTROL: Final = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f-\x9f]")


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


class NoAnswer(Exception):
    """The instance cannot be reached, or did not answer in time; the text says which."""


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
    try:
        return trio.run(_run, options)
    except* (NoAnswer, StateDirError) as group:
        error: BaseException = group
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        exits.fail(exits.UNREACHABLE, str(error))


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
    places = [options.state_dir] if options.state_dir else client_state_dirs(os.environ)
    found = find_instance(places)
    if found is None:
        where = ", ".join(map(str, places))
        raise NoAnswer(f"no instance is running (looked in {where}): start one with `botkube run`")
    return found.url, options.token or found.token


@asynccontextmanager
async def _session(options: Options, url: str, token: str) -> AsyncGenerator["Session"]:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    async with httpx.AsyncClient(base_url=url, headers=headers, trust_env=False) as client:
        channel = options.channel or await _first_channel(client)
        yield Session(options, client, url, token, channel)


async def _first_channel(client: httpx.AsyncClient) -> str:
    channels = (await _send(client, "GET", "/api/v1/channels")).json()
    if not channels:
        raise NoAnswer("the instance has no playground channel: add one to its configuration")
    return str(channels[0]["name"])


async def _send(
    client: httpx.AsyncClient, method: str, path: str, body: object = None
) -> httpx.Response:
    try:
        response = await client.request(method, path, json=body)
    except httpx.HTTPError as error:
        raise NoAnswer(f"{client.base_url} does not answer: {error}") from error
    if response.status_code == httpx.codes.UNAUTHORIZED:
        raise NoAnswer("the token is missing or wrong: give --token or BOTKUBE_TOKEN")
    if response.is_error:
        try:
            text = str(response.json()["error"])
        except (ValueError, KeyError, TypeError):
            text = response.text[:200]
        raise NoAnswer(f"{client.base_url} refused: {text}")
    return response


class Session:
    """One user in one channel."""

    def __init__(
        self, options: Options, client: httpx.AsyncClient, url: str, token: str, channel: str
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
            said = (
                await _send(self._client, "POST", path, {"user": self._options.user, "text": text})
            ).json()
            body = await self._reply(said["id"], said["seq"])
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
    return CONTROL.sub("", text)  # what a plugin printed must not drive the terminal
