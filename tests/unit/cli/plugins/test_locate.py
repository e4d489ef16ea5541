"""What a name stands for."""

from pathlib import Path

import pytest

from botkube.cli.plugins.local import Where
from botkube.cli.plugins.locate import locate
from botkube.model.plugin import PluginKind, parse_plugin_key
from tests.fakes.shelved import Shelved

KEY = parse_plugin_key("executor", "r/p@^1")
REQUIRED = """
communications: {c: {playground: {enabled: true, channels: {a: {name: a}}}}}
plugins: {repositories: {r: {url: "http://x/i", signature: {publicKey: RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3}}}}
"""


def where(folder: Path) -> Where:
    return Where(state_dir=folder, cache_dir=folder / "cache")


def put(cache: Path, name: str) -> Path:
    path = cache / "mine" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("")
    path.chmod(0o755)
    return path


def test_a_file_is_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("echo").write_text("")
    assert locate("echo", ("executor",), where(tmp_path)).argv == ("echo",)


@pytest.mark.parametrize("name", ["echo", "builtin/echo"])
def test_a_built_in_plugin(tmp_path: Path, name: str) -> None:
    assert locate(name, ("executor",), where(tmp_path)).argv[-3:] == ("plugin", "serve", "echo")


def test_one_in_the_cache(tmp_path: Path) -> None:
    source = put(tmp_path / "cache", "source_v1.0.0_clock")
    found = locate("mine/clock", ("executor", "source"), where(tmp_path))
    assert found.argv == (str(source),)
    assert found.dependency_dir == f"{source}_deps"


@pytest.mark.parametrize(
    ("name", "kinds", "said"),
    [
        ("nothing.py", ("source",), "there is no file nothing.py"),
        ("./nothing", ("source",), "there is no file ./nothing"),
        ("nothing", ("source",), "neither a file nothing nor a built-in plugin"),
        ("builtin/nothing", ("source",), "nor a built-in plugin"),
        ("mine/clock", ("executor", "source"), "the executable of executor mine/clock is not there"),
        ("mine/", ("source",), "not of the form"),
    ],
)  # fmt: skip
def test_what_is_not_there_exits_with_4(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    kinds: tuple[PluginKind, ...],
    said: str,
) -> None:
    with pytest.raises(SystemExit) as ended:
        locate(name, kinds, where(tmp_path))
    assert ended.value.code == 4
    assert said in capsys.readouterr().err


def test_what_is_locked_is_started_and_not_what_is_newest(tmp_path: Path) -> None:
    shelved = Shelved(tmp_path)
    shelved.put_by_hand(KEY, "v1.9.0")
    shelved.install(KEY, "v1.2.0")
    for name in ("r/p", "r/p@^1"):
        found = locate(name, ("source", "executor"), where(tmp_path))
        assert found.argv == (str(shelved.root / "r" / "executor_v1.2.0_p"),)
        assert found.dependency_dir == f"{found.argv[0]}_deps"


@pytest.mark.parametrize(
    ("trouble", "code", "said"),
    [
        ("changed", 4, "was changed after it was installed"),
        ("unsigned", 4, "executor r/p@^1"),
        ("another lock file", 4, "does not lock it as"),
        ("two", 2, "say which: executor r/p@^1, executor r/p@~1.2"),
        ("damaged", 4, "is damaged"),
    ],
)
def test_nothing_is_started_that_the_program_would_not_start(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    trouble: str,
    code: int,
    said: str,
) -> None:
    shelved = Shelved(tmp_path)
    file = shelved.install(KEY, "v1.2.0")
    locate("r/p", ("executor",), where(tmp_path))
    match trouble:
        case "changed":
            file.chmod(0o755)
            file.write_bytes(b"PLUGIN")
        case "unsigned":
            (tmp_path / "c.yaml").write_text(REQUIRED)
            monkeypatch.setenv("BOTKUBE_CONFIG_PATHS", str(tmp_path / "c.yaml"))
        case "another lock file":
            shelved.lock_file.rename(tmp_path / "elsewhere")
        case "two":
            shelved.install(parse_plugin_key("executor", "r/p@~1.2"), "v1.2.0")
        case _:
            shelved.lock_file.write_text("{")
    with pytest.raises(SystemExit) as ended:
        locate("r/p", ("executor",), where(tmp_path))
    assert (ended.value.code, said in (told := capsys.readouterr().err)) == (code, True), told
