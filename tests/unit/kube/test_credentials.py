"""Credential files of a plugin: there before it starts, renewed in time, nobody else's to read."""

import stat
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio

from botkube.kube import credentials
from botkube.kube.access import ClusterAccess
from botkube.kube.api import KubeError, Token
from botkube.kube.credentials import Credentials, Identity, write_private
from botkube.model.errors import PluginUnavailable
from botkube.model.plugin import PluginKey
from botkube.model.rbac import GroupMapping, Rbac, ServiceAccount, StaticUser, UserMapping

KEY = PluginKey(kind="executor", repo="r", name="p")
ACCESS = ClusterAccess(server="https://x", token="ours")
ACCOUNT = ServiceAccount(namespace="n", name="s")
USER = UserMapping(type="Static", static=StaticUser(value="ann"))
OWN = Rbac(user=USER, service_account=ACCOUNT)


class FakeApi:
    """Gives tokens that live for an hour; `broken` makes it refuse."""

    def __init__(self) -> None:
        self.given = 0
        self.broken = False

    async def create_token(self, account: ServiceAccount, seconds: float) -> Token:
        """Give the next token."""
        await trio.lowlevel.checkpoint()
        assert account == ACCOUNT
        if self.broken:
            raise KubeError("403 no")
        self.given += 1
        return Token(text=f"token {self.given}", expires_at=trio.current_time() + seconds)


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> FakeApi:
    fake = FakeApi()

    @asynccontextmanager
    async def opened(access: ClusterAccess) -> AsyncGenerator[FakeApi]:
        yield fake

    monkeypatch.setattr(credentials, "open_api", opened)
    return fake


def of(access: ClusterAccess | None = ACCESS) -> Credentials:
    return Credentials(access, cluster_name="c", wall=trio.current_time, why_not="none is known")


def token_in(directory: Path) -> str:
    return (directory / "token-n.s").read_text()


async def test_a_token_is_renewed(
    api: FakeApi, tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    async with of().furnish(Identity(key=KEY, rbacs=(OWN,)), tmp_path) as variables:
        assert token_in(tmp_path) == "token 1"
        assert stat.S_IMODE((tmp_path / "token-n.s").stat().st_mode) == 0o600
        assert variables == {"KUBECONFIG": str(tmp_path / "kubeconfig")}
        await trio.sleep(2879)
        assert token_in(tmp_path) == "token 1"
        await trio.sleep(2)
        assert token_in(tmp_path) == "token 2"
        await trio.sleep(3 * 3600)
        assert api.given == 5
    assert "ours" not in (tmp_path / "kubeconfig").read_text()


async def test_no_file_elsewhere_is_written_by_a_link(api: FakeApi, tmp_path: Path) -> None:
    """The plugin owns the directory, we may be root: what it puts there must not lead us out of it."""
    precious, private = tmp_path / "precious", tmp_path / "private"
    precious.write_text("untouched")
    private.mkdir()
    for name in ("kubeconfig", ".kubeconfig.new", "token-n.s", ".token-n.s.new"):
        (private / name).symlink_to(precious)
    async with of().furnish(Identity(key=KEY, rbacs=(OWN,)), private):
        assert token_in(private) == "token 1"
        assert not (private / "token-n.s").is_symlink()
    assert precious.read_text() == "untouched"


def test_nothing_is_left_of_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "token").mkdir()
    with pytest.raises(IsADirectoryError):
        write_private(tmp_path / "token", b"x")
    assert [path.name for path in tmp_path.iterdir()] == ["token"]


async def test_a_refusal_is_survived_until_the_token_runs_out(
    api: FakeApi, tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    with pytest.RaisesGroup(pytest.RaisesExc(KubeError, match="403 no"), flatten_subgroups=True):
        async with of().furnish(Identity(key=KEY, rbacs=(OWN,)), tmp_path):
            api.broken = True
            await trio.sleep(3590)
            api.broken = False
            await trio.sleep(60)
            assert token_in(tmp_path) == "token 2"
            api.broken = True
            await trio.sleep(3 * 3600)


async def test_no_token_no_plugin(api: FakeApi, tmp_path: Path) -> None:
    api.broken = True
    with pytest.RaisesGroup(KubeError):
        async with of().furnish(Identity(key=KEY, rbacs=(OWN,)), tmp_path):
            pytest.fail("it began without a token")


async def test_an_identity_by_channel_has_no_file(tmp_path: Path) -> None:
    rbac = Rbac(group=GroupMapping(type="ChannelName"))
    async with of().furnish(Identity(key=KEY, rbacs=(rbac,)), tmp_path) as variables:
        assert variables == {}
    assert not list(tmp_path.iterdir())


async def test_kubeconfig_of_a_call(api: FakeApi, tmp_path: Path) -> None:
    found = of()
    assert found.get(KEY, None, "ops") == b""
    assert found.get(KEY, Rbac(), "ops") == b""
    assert b"token: ours" in found.get(KEY, Rbac(user=USER), "ops")
    with pytest.raises(PluginUnavailable, match="restarting"):
        found.get(KEY, OWN, "ops")
    async with found.furnish(Identity(key=KEY, rbacs=(OWN,)), tmp_path):
        assert f"tokenFile: {tmp_path}/token-n.s".encode() in found.get(KEY, OWN, "ops")
    with pytest.raises(PluginUnavailable, match="none is known"):
        of(None).get(KEY, Rbac(user=USER), "ops")
