"""Programs that are no plugins, or bad ones, as the harness meets them."""

import signal
import sys
from pathlib import Path

import pytest
import trio

from botkube.sdk.hosting import PluginGone, open_hosted
from tests.fakes.plugins.rig import process_end

pytestmark = [pytest.mark.real, pytest.mark.slow]


async def started(*argv: str) -> None:
    async with open_hosted(argv, {}, print):
        raise AssertionError


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo hello; sleep 60", "not a plugin handshake: 'hello'"),
        ("echo broken >&2; exit 7", r"(?s)no handshake line\. It ended with code 7\.\s+broken"),
        ("echo '1|2|unix|/tmp/x|grpc|'; sleep 60", "speaks protocol version 2"),
        ("echo '1|3|unix|/nowhere/x|grpc|'; sleep 60", "does not answer: UNAVAILABLE"),
        ("head -c 9000 /dev/zero; sleep 60", "longer than 4096 bytes"),
        ("exec >&-; sleep 60", "no handshake line"),
    ],
)
async def test_what_is_wrong_is_said(script: str, said: str) -> None:
    # Less than the 60 s that one may take which says nothing, and than the script's.
    with trio.fail_after(45), pytest.raises(PluginGone, match=said):
        await started("sh", "-c", script)


async def test_what_cannot_be_started(tmp_path: Path) -> None:
    with trio.fail_after(100), pytest.raises(PluginGone, match=r"cannot start .*: No such file"):
        await started(str(tmp_path / "nothing"))
    (tmp_path / "file").write_text("")
    with trio.fail_after(100), pytest.raises(PluginGone, match="Permission denied"):
        await started(str(tmp_path / "file"))


async def test_long_lines_and_long_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = tmp_path / ("x" * 90)
    deep.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(deep))
    lines: list[str] = []
    serve = "import sys; sys.stderr.write('y' * 200_000 + '\\n'); from botkube.builtin import serve; serve('echo')"
    with trio.fail_after(100):
        async with open_hosted([sys.executable, "-P", "-c", serve], {}, lines.append) as (
            _,
            client,
        ):
            await client.check_health()
    assert "".join(lines) == "y" * 200_000
    assert list(deep.iterdir()) == []


async def test_one_that_does_not_end_is_killed_with_its_group() -> None:
    lines: list[str] = []
    serve = (
        "import subprocess, sys; child = subprocess.Popen(['sleep', '300']); print(child.pid, file=sys.stderr, flush=True);"
        "import threading; import botkube.wire.server; botkube.wire.server.HARD_EXIT_AFTER = 300;"
        "from botkube.builtin import serve; serve('heartbeat'); threading.Event().wait()"
    )
    with trio.fail_after(100):
        async with open_hosted([sys.executable, "-P", "-c", serve], {}, lines.append) as (
            hosted,
            _,
        ):
            began = trio.current_time()
    assert trio.current_time() - began < 30
    assert hosted.exit_code == -signal.SIGKILL
    with trio.fail_after(100):
        await process_end(int(lines[0]))
