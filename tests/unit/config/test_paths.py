"""Which files, in which order."""

from pathlib import Path

from botkube.config.paths import last_ones_last, resolve_paths


def test_the_environment_wins() -> None:
    environ = {"BOTKUBE_CONFIG_PATHS": " a.yaml, ,b.yaml,"}
    assert resolve_paths(["c.yaml"], environ) == (Path("a.yaml"), Path("b.yaml"))


def test_an_empty_variable_does_not_count() -> None:
    assert resolve_paths(["c.yaml"], {"BOTKUBE_CONFIG_PATHS": " , "}) == (Path("c.yaml"),)


def test_the_command_line_repeats_and_takes_commas() -> None:
    paths = resolve_paths(["a.yaml,b.yaml", Path("c.yaml")], {})
    assert paths == (Path("a.yaml"), Path("b.yaml"), Path("c.yaml"))


def test_nothing_named_is_nothing() -> None:
    assert resolve_paths([], {}) == ()


def test_only_the_base_name_puts_a_file_last() -> None:
    files = ["_z.yaml", "b.yaml", "_a.yaml", "/_dir/a.yaml", ".bar.yaml"]
    assert [str(p) for p in last_ones_last(map(Path, files))] == [
        "b.yaml",
        "/_dir/a.yaml",
        ".bar.yaml",
        "_z.yaml",
        "_a.yaml",
    ]


def test_a_folder_is_its_yaml_files(tmp_path: Path) -> None:
    for name in ("b.yaml", "_s.yaml", "a.yaml", "notes.txt"):
        (tmp_path / name).touch()
    paths = resolve_paths([tmp_path, "z.yaml"], {})
    assert [p.name for p in paths] == ["a.yaml", "b.yaml", "z.yaml", "_s.yaml"]


def test_a_folder_without_files_and_a_missing_path_stay(tmp_path: Path) -> None:
    assert resolve_paths([tmp_path], {}) == (tmp_path,)
    assert resolve_paths([tmp_path / "none"], {}) == (tmp_path / "none",)
    assert resolve_paths(["x" * 300], {}) == (Path("x" * 300),), "the system refuses to look"
