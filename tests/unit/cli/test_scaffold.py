"""The texts of a new project."""

import ast

import pytest

from botkube.cli.scaffold import Kind, module_name, project


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
