"""What goes into the frozen program."""

import json
from pathlib import Path

import recipe


def test_every_module_is_named_once_and_packages_by_their_own_name() -> None:
    modules = list(recipe.modules())
    assert {"botkube", "botkube.cli.main", "botkube.builtin.echo"} <= set(modules)
    assert len(modules) == len(set(modules))
    assert not [name for name in modules if name.endswith("__init__")]


def test_data_goes_to_the_folder_it_came_from() -> None:
    files = {Path(source).name: folder for source, folder in recipe.data_files()}
    assert files["default.yaml"] == "botkube/config"
    assert files["index.html"] == "botkube/web/static"
    assert not [name for name in files if name.endswith((".py", ".pyc"))]


def test_nothing_that_the_program_runs_on_is_excluded() -> None:
    run_time = {"ctypes", "sqlite3", "multiprocessing", "rich", "lzma", "bz2", "ssl", "asyncio"}
    assert not run_time & set(recipe.EXCLUDES)


def test_facts_are_json_beside_the_package(tmp_path: Path) -> None:
    path = recipe.write_facts(tmp_path / "facts", version="1.2.3", commit="abc", binaries=[])
    assert json.loads(Path(path).read_text()) == {"version": "1.2.3", "commit": "abc", "libc": ""}
