"""The one door to httpx: requests to services, each with a deadline of its caller's and a bound on its answer.

httpx is imported with the first client, since most runs of the program need none.
"""

import ssl
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from functools import cache
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    import httpx

_LONGEST_ANSWER: Final = 1 << 20


class HttpFailed(Exception):
    """No complete answer came; the text says why, and holds no credential."""


class NotTrusted(HttpFailed):
    """The server has a certificate that proves nothing here; the text says what is wrong with it."""


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """An answer, whatever its status."""

    status: int
    body: bytes
    headers: Mapping[str, str] = {}  # by names in any case


class AwsKeys(msgspec.Struct, frozen=True, kw_only=True):
    """What signs requests to AWS; `token` belongs to keys that end."""

    key_id: str
    secret: str
    token: str = ""
    region: str
    service: str


class Incoming:
    """An answer that is read as it comes; `raw`: exactly as it is sent. Made by a client."""

    def __init__(self, response: "httpx.Response", *, raw: bool) -> None:
        self.status = response.status_code
        self.headers: Mapping[str, str] = response.headers  # by names in any case
        self._response = response
        self._pieces = response.aiter_raw() if raw else response.aiter_bytes()
        self._begun = False

    async def read(self) -> bytes:
        """Return the next piece of the body; b"" at its end.

        Raises: HttpFailed if it breaks off.
        Cancellation: nothing more can be read.
        """
        import httpx  # noqa: PLC0415 - see the module

        self._begun = True
        try:
            async for piece in self._pieces:
                if piece:
                    return piece
        except (httpx.HTTPError, httpx.StreamError, OSError) as error:
            raise HttpFailed(_why(error)) from error
        return b""

    async def aclose(self) -> None:
        """Close the connection unless all was read."""
        await self._response.aclose()
        # Ends the library's generators too, which closing alone leaves to the collector.
        with suppress(HttpFailed):
            while self._begun and await self.read():
                pass


class HttpClient:
    """Sends requests to one service; made by `open_http`."""

    def __init__(self, client: "httpx.AsyncClient") -> None:
        self._client = client

    async def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        """Post a body.

        Raises: HttpFailed.
        Cancellation: the request is abandoned; the other side may have done it all the same.
        """
        return await self.request("POST", path, body, headers)

    async def request(
        self,
        method: str,
        path: str,
        body: bytes,
        headers: Mapping[str, str],
        *,
        sign: AwsKeys | None = None,
        longest: int = _LONGEST_ANSWER,
    ) -> Reply:
        """Send a request by any method, signed as AWS wants it if there are keys.

        `longest`: the bytes of an answer that are read; more of them are a failure.

        Raises, Cancellation: as `post`.
        """
        auth = None if sign is None else _aws_auth(sign)
        async with self._sent(method, path, headers, body, raw=False, auth=auth) as incoming:
            body = await _read(incoming, longest)
            return Reply(status=incoming.status, body=body, headers=incoming.headers)

    @asynccontextmanager
    async def get(self, url: str, headers: Mapping[str, str]) -> AsyncGenerator[Incoming]:
        """Ask for something that may be large; its headers are there when the block begins.

        Raises: HttpFailed.
        Cancellation: the connection is closed.
        """
        async with self._sent("GET", url, headers, raw=True) as incoming:
            yield incoming

    @asynccontextmanager
    async def _sent(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes = b"",
        *,
        raw: bool,
        auth: "httpx.Auth | None" = None,
    ) -> AsyncGenerator[Incoming]:
        import httpx  # noqa: PLC0415 - see the module

        try:
            request = self._client.build_request(
                method, url, content=body or None, headers=dict(headers)
            )
            response = await self._client.send(request, stream=True, auth=auth)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise _failed(error) from error
        incoming = Incoming(response, raw=raw)
        try:
            yield incoming
        finally:
            await incoming.aclose()


def _failed(error: BaseException) -> HttpFailed:
    cause: BaseException | None = error
    while cause is not None:  # below what two libraries made of it
        if isinstance(cause, ssl.SSLCertVerificationError):
            return NotTrusted(cause.verify_message)
        cause = cause.__cause__ or cause.__context__
    return HttpFailed(_why(error))


def trusted_authorities(ca_file: str = "") -> ssl.SSLContext:
    """Give a context that trusts the system's authorities, the library's, since a frozen program may not find
    the former, and those of a file. Slow the first time: call it in a thread.

    Raises: OSError if the file cannot be read or holds none.
    """
    if not ca_file:
        return _usual_authorities()
    context = _new_context()
    context.load_verify_locations(cafile=ca_file)
    return context


@cache
def _usual_authorities() -> ssl.SSLContext:
    return _new_context()


def no_authorities() -> ssl.SSLContext:
    """Give a context that takes whoever answers for the server that was meant."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _aws_auth(keys: AwsKeys) -> "httpx.Auth":
    from httpx_auth import AWS4Auth  # noqa: PLC0415 - see the module

    return AWS4Auth(
        access_id=keys.key_id,
        secret_key=keys.secret,
        region=keys.region,
        service=keys.service,
        security_token=keys.token or None,
    )


def _new_context() -> ssl.SSLContext:
    import httpx  # noqa: PLC0415 - see the module

    context = httpx.create_ssl_context()
    context.load_default_certs()
    return context


@asynccontextmanager
async def open_http(
    base_url: str, context: ssl.SSLContext, *, proxy: str = "", environment: bool = True
) -> AsyncGenerator[HttpClient]:
    """Open a client for one service. Redirects are not followed.

    `environment`: without a `proxy` what its variables say holds.
    """
    import httpx  # noqa: PLC0415 - see the module

    async with httpx.AsyncClient(
        base_url=base_url,
        verify=context,
        proxy=proxy or None,
        timeout=None,  # noqa: S113 - callers bring the deadlines
        follow_redirects=False,
        trust_env=environment,
    ) as client:
        yield HttpClient(client)


def _why(error: BaseException) -> str:
    """What an error says, with what the system said; of some only what caused them says anything."""
    text = str(error)
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"certificate verify failed: {cause.verify_message}"
        if isinstance(cause, ssl.SSLError) and cause.reason and not text:
            return f"TLS failed: {cause.reason}"
        if isinstance(cause, ConnectionRefusedError) and text:
            return f"{text}: connection refused"
        if isinstance(cause, BaseExceptionGroup):
            cause = cause.exceptions[0]  # one for each address
        else:
            cause = cause.__cause__ or cause.__context__
    return text or type(error).__name__


async def _read(incoming: Incoming, longest: int) -> bytes:
    body = b""
    while piece := await incoming.read():
        body += piece
        if len(body) > longest:
            raise HttpFailed(f"the answer is larger than {longest >> 20} MiB")
    return body
