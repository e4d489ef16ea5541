"""What an index tells us in confidence, in the URLs of its files: used, and written nowhere."""

from pathlib import Path

import pytest

from botkube.packages.download.web import Access
from botkube.packages.errors import PackageRefused
from tests.fakes.installing import KEY, Rig
from tests.fakes.repository import Answer, always, entry, served, sha256

pytestmark = pytest.mark.real

SECRET = "hush"


async def test_a_token_in_a_url_stays_in_the_index(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with served() as server:
        rig, path = Rig(tmp_path, server), f"/p?access_token={SECRET}&part=1"
        url = f"{server.url}{path}".replace("://", f"://me:{SECRET}@")
        needs = {"tool": {"url": f"tool?file=tool&key={SECRET}", "checksum": sha256(b"tool")}}
        rig.change(access=Access(homes=(f"{rig.home}?token={SECRET}",)))
        server.put(f"/tool?file=tool&key={SECRET}", b"tool")
        server.put_index(
            entry("p", url, checksum=sha256(b"p"), dependencies=needs),
            path=f"/index.yaml?token={SECRET}",
        )
        server.pages[path] = always(Answer(status=403))
        with pytest.raises(PackageRefused, match="answered 403") as refused:
            await rig.install()
        server.put(path, b"p")
        found = await rig.install()
        lock = rig.shelf.lock_file.read_text()
        assert "access_token=…&part=1" in lock
        assert "tool?file=tool&key=…" in lock
        # It is installed again with what the index says today.
        for file in rig.root.glob("objects/sha256/*"):
            file.unlink()
        assert await rig.install() == found
        assert rig.lock.get(KEY) is not None
    said = [str(refused.value), caplog.text, lock, *(step.text for step in rig.told)]
    assert not [text for text in said if SECRET in text]
