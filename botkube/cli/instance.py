"""How client commands talk to a running instance: where it is, its token, and what goes wrong on the way."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import httpx
import msgspec

from botkube.app.statedir import Instance, client_state_dirs, find_instance
from botkube.cli import exits
from botkube.runtime.http import HttpFailed, Incoming
from botkube.runtime.terminal import without_controls

LONGEST: Final = 1 << 20  # bytes of one line


class NoAnswer(Exception):
    """The instance cannot be reached, or did not answer in time; the text says which."""


class Refused(NoAnswer):
    """The instance answered with an error."""

    def __init__(self, text: str, status: int) -> None:
        super().__init__(text)
        self.status = status


def look(state_dir: Path | None, environ: Mapping[str, str]) -> tuple[Instance | None, list[Path]]:
    """Return the instance that runs here, if any, and where it was looked for.

    Raises: StateDirError if there may be one that is another user's.
    """
    places = [state_dir] if state_dir else client_state_dirs(environ)
    return find_instance(places), places


def running(state_dir: Path | None, environ: Mapping[str, str]) -> Instance:
    """Return the instance that runs here.

    Raises: NoAnswer if there is none; StateDirError as `look`.
    """
    found, places = look(state_dir, environ)
    if found is None:
        where = ", ".join(map(str, places))
        raise NoAnswer(f"no instance is running (looked in {where}): start one with `botkube run`")
    return found


class Client:
    """Asks one instance; made by `connected`."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def ask(self, method: str, path: str, body: object = None) -> bytes:
        """Return the answer to a request.

        Raises: NoAnswer.
        """
        try:
            response = await self._client.request(method, path, json=body)
        except httpx.HTTPError as error:
            raise self._silent(error) from error
        self._check(response)
        return response.content

    @asynccontextmanager
    async def lines(self, method: str, path: str, body: object = None) -> AsyncGenerator["Lines"]:
        """Give an answer line by line as it comes; how long to wait for them is the caller's to say.

        Raises: NoAnswer.
        Cancellation: the connection is closed.
        """
        patient = httpx.Timeout(5.0, read=None)
        request = self._client.build_request(method, path, json=body, timeout=patient)
        try:
            response = await self._client.send(request, stream=True)
            if response.is_error:
                await response.aread()
        except httpx.HTTPError as error:
            raise self._silent(error) from error
        incoming = Incoming(response, raw=False)
        try:
            self._check(response)
            yield Lines(incoming)
        finally:
            await incoming.aclose()

    def _check(self, response: httpx.Response) -> None:
        if response.status_code == httpx.codes.UNAUTHORIZED:
            raise NoAnswer(
                "the token is missing or wrong: give --token or BOTKUBE_TOKEN; it is in the file token of the instance's state directory"
            )
        if response.is_error:
            text = f"{self._client.base_url} refused: {_reason(response)}"
            raise Refused(text, response.status_code)

    def _silent(self, error: httpx.HTTPError) -> NoAnswer:
        why = str(error) or type(error).__name__
        return NoAnswer(f"{self._client.base_url} does not answer: {why}")


class Lines:
    """An answer that is read line by line."""

    def __init__(self, incoming: Incoming) -> None:
        self._incoming = incoming
        self._rest = b""
        self._ready: list[bytes] = []

    async def next(self) -> bytes:
        """Return the next line that is not empty; b"" at the end.

        Raises: NoAnswer if the answer breaks off.
        """
        while not self._ready:
            try:
                piece = await self._incoming.read()
            except HttpFailed as error:
                raise NoAnswer(f"the instance went away: {error}") from error
            *whole, self._rest = (self._rest + piece).split(b"\n")
            if (not piece and self._rest) or len(self._rest) > LONGEST:
                raise NoAnswer("the instance went away in the middle of a line")
            self._ready = [line for line in whole if line]
            if not piece:
                return b""
        return self._ready.pop(0)


@asynccontextmanager
async def connected(url: str, token: str) -> AsyncGenerator[Client]:
    """Give a client of the instance at a URL."""
    headers = {"authorization": f"Bearer {token}"} if token else {}
    async with httpx.AsyncClient(
        base_url=url, headers=headers, trust_env=False, timeout=httpx.Timeout(5.0, read=30.0)
    ) as client:
        yield Client(client)


def told(group: BaseExceptionGroup[BaseException]) -> int:
    """Print the first of the errors in a group, and return the exit code for it."""
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    wrong_key = isinstance(error, Refused) and error.status == httpx.codes.BAD_REQUEST
    return exits.told(exits.USAGE if wrong_key else exits.UNREACHABLE, str(error))


class _Error(msgspec.Struct, frozen=True):
    error: str


def _reason(response: httpx.Response) -> str:
    try:
        text = msgspec.json.decode(response.content, type=_Error).error
    except (msgspec.DecodeError, UnicodeDecodeError):
        text = response.text[:200]
    return " ".join(without_controls(text).split())
