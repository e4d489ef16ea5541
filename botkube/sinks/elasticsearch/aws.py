"""Where the keys that sign requests to AWS come from, renewed before they end.

In this order: a web identity (IRSA), the container's credentials (ECS, EKS Pod Identity), the static keys of the
environment, the instance's role. `role_arn` is assumed with what was found, unless it is a web identity, which is a
role of its own: so did the original.
"""

import logging
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

import msgspec
import trio

from botkube.model.errors import AuthError, PeerError
from botkube.runtime.http import AwsKeys, HttpClient, HttpFailed, Reply
from botkube.sinks.answers import is_later, is_success, told

log = logging.getLogger(__name__)

EARLY: Final = 300.0  # seconds before keys end
SESSION: Final = "botkube"
LASTING: Final = float("inf")
_CONTAINER: Final = "http://169.254.170.2"
_INSTANCE: Final = "http://169.254.169.254"
_ROLES: Final = "/latest/meta-data/iam/security-credentials/"


class AwsSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What is signed for, and with whose keys."""

    region: str
    service: str = "es"
    role_arn: str = ""
    environ: Mapping[str, str] = {}


class _Lent(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    access_key_id: str
    secret_access_key: str
    token: str = ""
    expiration: datetime | None = None


class AwsCredentials:
    """Gives keys. `service` reaches AWS, `local` what is on this machine's own network, without a proxy."""

    def __init__(
        self,
        settings: AwsSettings,
        service: HttpClient,
        local: HttpClient,
        wall: Callable[[], float],
    ) -> None:
        self._settings = settings
        self._service = service
        self._local = local
        self._wall = wall
        self._turn = trio.Lock()
        self._keys: AwsKeys | None = None
        self._until = 0.0

    async def keys(self) -> AwsKeys:
        """Keys that hold for some minutes yet.

        Raises:
            AuthError: nobody gives us any.
            PeerError: who gives them cannot be reached.
        """
        async with self._turn:
            if self._keys is None or self._wall() > self._until - EARLY:
                try:
                    lent = await self._lent()
                except (HttpFailed, OSError) as error:
                    raise PeerError(f"no keys for AWS: {error}") from error
                self._keys = self._signing(lent)
                ends = lent.expiration
                self._until = LASTING if ends is None else ends.timestamp()
            return self._keys

    async def _lent(self) -> _Lent:
        environ, role = self._settings.environ, self._settings.role_arn
        token_file = environ.get("AWS_WEB_IDENTITY_TOKEN_FILE", "")
        if token_file and environ.get("AWS_ROLE_ARN"):
            token = await trio.Path(token_file).read_text("utf-8")
            return await self._web_identity(environ["AWS_ROLE_ARN"], token.strip())
        found = await self._own()
        return await self._assumed(role, self._signing(found, "sts")) if role else found

    async def _own(self) -> _Lent:
        environ = self._settings.environ
        relative = environ.get("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "")
        url = environ.get("AWS_CONTAINER_CREDENTIALS_FULL_URI", "")
        if relative or url:
            headers = await _container_headers(environ)
            return await self._read(url or f"{_CONTAINER}{relative}", headers)
        if environ.get("AWS_ACCESS_KEY_ID") and environ.get("AWS_SECRET_ACCESS_KEY"):
            return _Lent(
                access_key_id=environ["AWS_ACCESS_KEY_ID"],
                secret_access_key=environ["AWS_SECRET_ACCESS_KEY"],
                token=environ.get("AWS_SESSION_TOKEN", ""),
            )
        return await self._instance()

    async def _instance(self) -> _Lent:
        base = self._settings.environ.get("AWS_EC2_METADATA_SERVICE_ENDPOINT", _INSTANCE)
        base = base.rstrip("/")
        lifetime = {"x-aws-ec2-metadata-token-ttl-seconds": "300"}
        reply = await self._local.request("PUT", f"{base}/latest/api/token", b"", lifetime)
        headers = {"x-aws-ec2-metadata-token": _good(reply, "the instance").decode().strip()}
        roles = await self._local.request("GET", base + _ROLES, b"", headers)
        role = _good(roles, "the instance").decode().split()
        if not role:
            raise AuthError("no keys for AWS: the instance has no role")
        return await self._read(f"{base}{_ROLES}{role[0]}", headers)

    async def _read(self, url: str, headers: Mapping[str, str]) -> _Lent:
        reply = await self._local.request("GET", url, b"", headers)
        try:
            return msgspec.json.decode(_good(reply, "its provider"), type=_Lent)
        except msgspec.DecodeError as error:
            raise PeerError(f"no keys for AWS: its provider answered nonsense: {error}") from None

    async def _web_identity(self, role: str, token: str) -> _Lent:
        given = {"Action": "AssumeRoleWithWebIdentity", "RoleArn": role, "WebIdentityToken": token}
        return await self._sts(given, None)

    async def _assumed(self, role: str, keys: AwsKeys) -> _Lent:
        return await self._sts({"Action": "AssumeRole", "RoleArn": role}, keys)

    async def _sts(self, given: Mapping[str, str], keys: AwsKeys | None) -> _Lent:
        default = f"https://sts.{self._settings.region}.amazonaws.com"
        url = self._settings.environ.get("AWS_ENDPOINT_URL_STS", default).rstrip("/") + "/"
        form = urlencode({**given, "RoleSessionName": SESSION, "Version": "2011-06-15"})
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        reply = await self._service.request("POST", url, form.encode(), headers, sign=keys)
        return read_sts(_good(reply, "STS"))

    def _signing(self, lent: _Lent, service: str = "") -> AwsKeys:
        return AwsKeys(
            key_id=lent.access_key_id,
            secret=lent.secret_access_key,
            token=lent.token,
            region=self._settings.region,
            service=service or self._settings.service,
        )


async def _container_headers(environ: Mapping[str, str]) -> Mapping[str, str]:
    token = environ.get("AWS_CONTAINER_AUTHORIZATION_TOKEN", "")
    if file := environ.get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"):
        token = (await trio.Path(Path(file)).read_text("utf-8")).strip()
    return {"Authorization": token} if token else {}


def read_sts(body: bytes) -> _Lent:
    """The keys in an answer of the token service, which is XML.

    Raises: PeerError if there are none.
    """
    names = {
        "AccessKeyId": "AccessKeyId",
        "SecretAccessKey": "SecretAccessKey",
        "SessionToken": "Token",
        "Expiration": "Expiration",
    }
    text = body.decode(errors="replace")
    found = {
        ours: match[1]
        for theirs, ours in names.items()
        if (match := re.search(rf"<{theirs}>\s*([^<]+?)\s*</{theirs}>", text))
    }
    try:
        return msgspec.convert(found, type=_Lent)
    except msgspec.ValidationError as error:
        raise PeerError(f"no keys for AWS: STS answered nonsense: {error}") from None


def _good(reply: Reply, who: str) -> bytes:
    if is_success(reply.status):
        return reply.body
    text = f"no keys for AWS: {who}: {told(reply.status, reply.body)}"
    raise PeerError(text) if is_later(reply.status) else AuthError(text)
