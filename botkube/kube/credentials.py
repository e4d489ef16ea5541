"""The credential files of one plugin process, in its private directory: token of its service account, kubeconfig.

They are there before the process starts, the token is renewed while it runs, and they go with the directory.
"""

import contextlib
import logging
import os
import secrets
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import msgspec
import trio

from botkube.kube.access import ClusterAccess
from botkube.kube.api import KubeApi, KubeError, Token, open_api
from botkube.kube.kubeconfig import generate
from botkube.model.errors import PluginUnavailable
from botkube.model.plugin import PluginKey
from botkube.model.rbac import Rbac, ServiceAccount
from botkube.runtime.logs import fields

log = logging.getLogger(__name__)

LIFETIME: Final = 3600.0
FIRST_ANSWER: Final = (
    15.0  # seconds for a request; the plugin does not start without its first token
)
RENEW_AT: Final = 0.8  # of a token's life
RETRY: Final = 10.0  # seconds between attempts to renew
KUBECONFIG: Final = "kubeconfig"


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """Who one plugin is: every `rbac` it is bound with."""

    key: PluginKey
    rbacs: tuple[Rbac, ...]

    @property
    def accounts(self) -> tuple[ServiceAccount, ...]:
        """The service accounts it gets tokens of, each once."""
        named = (rbac.service_account for rbac in self.rbacs if rbac.service_account.name)
        return tuple(dict.fromkeys(named))

    @property
    def only(self) -> Rbac | None:
        """Its identity if there is just one, whatever channel a command comes from."""
        wanted = {rbac for rbac in self.rbacs if rbac.wanted}
        first = next(iter(wanted), None)
        return first if len(wanted) == 1 and first and not first.by_channel else None


class Credentials:
    """Writes credential files, and the kubeconfigs that go with each call."""

    def __init__(
        self,
        access: ClusterAccess | None,
        *,
        cluster_name: str,
        wall: Callable[[], float],
        why_not: str = "no cluster is known",
    ) -> None:
        self._access = access
        self._why_not = why_not
        self._cluster_name = cluster_name
        self._wall = wall
        self._directories: dict[PluginKey, Path] = {}

    def get(self, key: PluginKey, rbac: Rbac | None, channel: str) -> bytes:
        """Give the kubeconfig for one call or stream; empty if the plugin is to have none.

        Raises: PluginUnavailable if it is to have one and cannot.
        """
        if rbac is None or not rbac.wanted:
            return b""
        if self._access is None:
            raise PluginUnavailable(
                f"the plugin {key} is to use a cluster (context.rbac): {self._why_not}"
            )
        account = rbac.service_account
        token_file = ""
        if account.name:
            if key not in self._directories:
                raise PluginUnavailable(f"the plugin {key} is restarting: try again in a moment")
            token_file = str(_token_file(self._directories[key], account))
        try:
            access = self._access if token_file else self._access.fresh()
        except OSError as error:
            raise PluginUnavailable(f"our own token cannot be read: {error}") from error
        return generate(
            access, rbac, cluster_name=self._cluster_name, channel=channel, token_file=token_file
        )

    @asynccontextmanager
    async def furnish(
        self, identity: Identity, directory: Path
    ) -> AsyncGenerator[Mapping[str, str]]:
        """Write the files of one process and keep its tokens fresh; gives the variables that name them.

        Raises: KubeError if there is no token, also later, when one ran out and could not be renewed.
        Cancellation: at once; the files go with the directory.
        """
        self._directories[identity.key] = directory
        try:
            async with contextlib.AsyncExitStack() as stack:
                if self._access is not None and identity.accounts:
                    api = await stack.enter_async_context(open_api(self._access))
                    keeper = _keeping(api, identity.accounts, directory, self._wall)
                    await stack.enter_async_context(keeper)
                yield self._variables(identity, directory)
        finally:
            self._directories.pop(identity.key, None)

    def _variables(self, identity: Identity, directory: Path) -> dict[str, str]:
        if self._access is None or identity.only is None:
            return {}
        path = directory / KUBECONFIG
        write_private(path, self.get(identity.key, identity.only, ""))
        return {"KUBECONFIG": str(path)}


@asynccontextmanager
async def _keeping(
    api: KubeApi, accounts: Sequence[ServiceAccount], directory: Path, wall: Callable[[], float]
) -> AsyncGenerator[None]:
    async with trio.open_nursery() as nursery:
        for account in accounts:
            token = await _request(api, account)
            write_private(_token_file(directory, account), token.text.encode())
            nursery.start_soon(_renew, api, account, directory, token, wall)
        yield
        nursery.cancel_scope.cancel(reason="the plugin is gone")


async def _request(api: KubeApi, account: ServiceAccount) -> Token:
    try:
        with trio.fail_after(FIRST_ANSWER):
            return await api.create_token(account, LIFETIME)
    except trio.TooSlowError:
        where = f"{account.namespace}/{account.name}"
        raise KubeError(
            f"the API server gave no token for the service account {where} within {FIRST_ANSWER:g} s"
        ) from None


async def _renew(
    api: KubeApi, account: ServiceAccount, directory: Path, token: Token, wall: Callable[[], float]
) -> None:
    while True:
        left = token.expires_at - wall()
        await trio.sleep(max(left * RENEW_AT, RETRY))
        token = await _renewed(api, account, token, wall)
        write_private(_token_file(directory, account), token.text.encode())


async def _renewed(
    api: KubeApi, account: ServiceAccount, old: Token, wall: Callable[[], float]
) -> Token:
    while True:
        try:
            return await _request(api, account)
        except KubeError as error:
            if wall() > old.expires_at:
                raise
            log.warning("%s; trying again", error, extra=fields(account=account.name))
            await trio.sleep(RETRY)


def _token_file(directory: Path, account: ServiceAccount) -> Path:
    # Both names are checked when the configuration is read: DNS labels, so no path comes from them.
    return directory / f"token-{account.namespace}.{account.name}"


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner, the directory's owner, may read; whole or not at all.

    The owner is a plugin, which must not be able to have another file written by a link that it puts there.
    """
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            owner = path.parent.stat()
            if (owner.st_uid, owner.st_gid) != (os.geteuid(), os.getegid()):
                os.fchown(descriptor, owner.st_uid, owner.st_gid)
            file.write(content)
        fresh.replace(path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise
