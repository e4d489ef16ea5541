"""The texts of a new project."""

import ast
import json
from pathlib import Path

import pytest

from botkube.app.plugins.packages import configured
from botkube.cli.plugins.scaffold import Kind, module_name, project
from botkube.config import load


@pytest.mark.parametrize("kind", ["executor", "source"])
def test_every_word_is_put_in(kind: Kind) -> None:
    files = {file.path: file for file in project(kind, "my-plugin")}
    assert set(files) == {
        ".gitignore",
        "README.md",
        "pyproject.toml",
        "my_plugin.py",
        "tests/test_my_plugin.py",
    }
    assert [path for path, file in files.items() if file.executable] == ["my_plugin.py"]
    for file in files.values():
        assert "{{" not in file.text.replace("{{BotName}}", "")
    plugin = ast.parse(files["my_plugin.py"].text)
    classes = [node.name for node in plugin.body if isinstance(node, ast.ClassDef)]
    assert classes[-1] == "MyPlugin"


@pytest.mark.parametrize("kind", ["executor", "source"])
def test_the_readme_goes_on_to_a_repository_that_can_be_configured(
    kind: Kind, tmp_path: Path
) -> None:
    [readme] = [file.text for file in project(kind, "my-plugin") if file.path == "README.md"]
    assert "botkube plugins index build dist -o dist/plugins-index.yaml" in readme
    assert "http.server --directory dist" in readme
    path = tmp_path / "config.yaml"
    channel = {"name": "c", "bindings": {f"{kind}s": ["tools"]}}
    chat = {"d": {"playground": {"enabled": True, "channels": {"c": channel}}}}
    entry = readme.split("```yaml\n")[-1].split("```")[0]
    path.write_text(f"{entry}communications: {json.dumps(chat)}\n")
    loaded = load((path,), {})
    assert not loaded.errors
    assert loaded.config is not None
    assert loaded.config.plugins.repositories["ours"].url.endswith("/plugins-index.yaml")
    assert [key.repo for key in configured(loaded.config)] == ["ours"]


@pytest.mark.parametrize("name", ["", "My", "a_b", "-a", "a-", "a.b", "a b", "../x"])
def test_a_name_that_no_index_takes_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="use small letters, digits and -"):
        list(project("executor", name))


@pytest.mark.parametrize(
    ("name", "module"),
    [
        ("hello", "hello"),
        ("a-b", "a_b"),
        ("json", "plugin_json"),
        ("trio", "plugin_trio"),
        ("class", "plugin_class"),
        ("7zip", "plugin_7zip"),
    ],
)
def test_the_file_hides_no_module_that_it_imports(name: str, module: str) -> None:
    assert module_name(name) == module
