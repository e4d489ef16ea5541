"""The systemd unit is one that systemd accepts, and says what the program's life cycle needs."""

import configparser
import shutil
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.real

UNIT = Path(__file__).parents[2] / "build" / "botkube.service"


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is missing")
def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    program = tmp_path / "botkube"  # verify looks whether the program is there
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    unit = tmp_path / "botkube.service"
    unit.write_text(UNIT.read_text().replace("/usr/local/bin/botkube ", f"{program} "))
    verify = ["systemd-analyze", "verify", "--man=no", str(unit)]
    done = subprocess.run(verify, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "botkube.service" not in done.stderr  # warnings, such as for an unknown key


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("Type", "notify"),
        ("NotifyAccess", "all"),
        ("KillMode", "mixed"),
        ("TimeoutStopSec", "30"),
        ("RestartPreventExitStatus", "3"),
        ("Delegate", "yes"),
        ("StateDirectory", "botkube"),
        ("RuntimeDirectory", "botkube"),
        ("CacheDirectory", "botkube"),
        ("Environment", "TMPDIR=/var/cache/botkube"),
    ],
)
def test_the_unit_fits_the_programs_life_cycle(key: str, value: str) -> None:
    assert service()[key] == value


def test_plugins_can_do_what_plugins_do() -> None:
    forbidding = {
        "MemoryDenyWriteExecute",
        "PrivateNetwork",
        "NoExecPaths",
        "ProtectProc",
        "ProcSubset",
        "ProtectControlGroups",
    }
    assert not forbidding & service().keys()


def service() -> configparser.SectionProxy:
    unit = configparser.RawConfigParser(strict=True, comment_prefixes=("#",))
    unit.optionxform = lambda optionstr: optionstr  # type: ignore[method-assign]  # keys keep their case
    unit.read(UNIT)
    return unit["Service"]
