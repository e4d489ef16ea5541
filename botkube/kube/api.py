"""Our own requests to the API server."""

import base64
import os
import ssl
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import msgspec

from botkube.kube.access import ClusterAccess
from botkube.model.errors import PeerError
from botkube.model.rbac import ServiceAccount
from botkube.runtime.http import HttpClient, HttpFailed, open_http
from botkube.runtime.override import override


class KubeError(PeerError):
    """The API server could not be asked, or said no; the text says what it said."""

    reason = "kubernetes"


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """A service account's token; `expires_at` is wall time."""

    text: str
    expires_at: float

    @override
    def __repr__(self) -> str:
        """Show until when, never what."""
        return f"Token(expires_at={self.expires_at})"


class _Status(msgspec.Struct, rename="camel"):
    token: str
    expiration_timestamp: datetime


class _TokenRequest(msgspec.Struct):
    status: _Status


class _Failure(msgspec.Struct):
    message: str = ""


class KubeApi:
    """The requests this program makes itself; made by `open_api`."""

    def __init__(self, client: HttpClient, access: ClusterAccess) -> None:
        self._client = client
        self._access = access

    async def create_token(self, account: ServiceAccount, seconds: float) -> Token:
        """Get a token of a service account (TokenRequest, authentication.k8s.io/v1).

        Raises: KubeError.
        """
        path = f"/api/v1/namespaces/{account.namespace}/serviceaccounts/{account.name}/token"
        body = {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenRequest",
            "spec": {"expirationSeconds": round(seconds)},
        }
        what = f"cannot get a token for the service account {account.namespace}/{account.name}"
        answer = await self._post(path, msgspec.json.encode(body), what)
        try:
            status = msgspec.json.decode(answer, type=_TokenRequest).status
        except msgspec.DecodeError as error:
            raise KubeError(f"{what}: the API server answered nonsense: {error}") from error
        return Token(text=status.token, expires_at=status.expiration_timestamp.timestamp())

    async def _post(self, path: str, body: bytes, what: str) -> bytes:
        try:
            bearer = self._access.fresh().token
            headers = {"content-type": "application/json"}
            headers |= {"authorization": f"Bearer {bearer}"} if bearer else {}
            reply = await self._client.post(path, body, headers)
        except (HttpFailed, OSError) as error:
            raise KubeError(f"{what}: {error}") from error
        if reply.status >= 300:  # noqa: PLR2004 - HTTP
            raise KubeError(f"{what}: {reply.status} {_message(reply.body)}")
        return reply.body


@asynccontextmanager
async def open_api(access: ClusterAccess) -> AsyncGenerator[KubeApi]:
    """Open a client of the API server.

    Raises: KubeError if its certificates cannot be used.
    """
    try:
        context = _context(access)
    except (OSError, ValueError) as error:
        raise KubeError(f"the certificates for {access.server} cannot be used: {error}") from error
    async with open_http(access.server, context, proxy=access.proxy) as client:
        yield KubeApi(client, access)


def _context(access: ClusterAccess) -> ssl.SSLContext:
    authority = base64.b64decode(access.ca_data).decode() if access.ca_data else None
    context = ssl.create_default_context(cadata=authority)
    if access.insecure:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if access.certificate_data:
        _load_certificate(context, access)
    return context


def _load_certificate(context: ssl.SSLContext, access: ClusterAccess) -> None:
    # OpenSSL takes a certificate of our own from a file only; this one is private and gone at once.
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pem"
        pem = base64.b64decode(access.certificate_data) + b"\n" + base64.b64decode(access.key_data)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
        context.load_cert_chain(path)


def _message(body: bytes) -> str:
    try:
        return msgspec.json.decode(body, type=_Failure).message
    except msgspec.DecodeError:
        return body[:200].decode(errors="replace")
