"""A new plugin project as texts: from the templates beside this module, with the plugin's names put in."""

import keyword
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, Literal, TypeAlias

import msgspec

Kind: TypeAlias = Literal["executor", "source"]

_TEMPLATES: Final = Path(__file__).with_name("templates")
_NAME: Final = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")  # indexes cut file names at "_"
_IMPORTED: Final = frozenset(("botkube", "msgspec", "pytest", "trio", "tests", "main"))


class File(msgspec.Struct, frozen=True, kw_only=True):
    """One file of a project; its path is relative."""

    path: str
    text: str
    executable: bool = False


def check_name(name: str) -> None:
    """Refuse what cannot be the name of a plugin.

    Raises:
        ValueError: it has other than small letters, digits and `-`.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(
            f"{name!r} is no name for a plugin: use small letters, digits and -, such as my-plugin"
        )


def module_name(name: str) -> str:
    """Return how the plugin's file is called: it must not hide a module that it imports."""
    module = name.replace("-", "_")
    taken = module in sys.stdlib_module_names or module in _IMPORTED or keyword.iskeyword(module)
    return f"plugin_{module}" if taken or not module.isidentifier() else module


def project(kind: Kind, name: str) -> Iterator[File]:
    """Give the files of a new project.

    Raises:
        ValueError: the name cannot be one of a plugin.
    """
    check_name(name)
    module = module_name(name)
    words = {
        "name": name,
        "kind": kind,
        "module": module,
        "class": "".join(word.capitalize() for word in module.split("_")),
        "try": f'--command "{name} Ann"' if kind == "executor" else "--stream",
    }
    yield File(path=".gitignore", text=_filled("gitignore", words))
    for common in ("README.md", "pyproject.toml"):
        yield File(path=common, text=_filled(common, words))
    yield File(path=f"{module}.py", text=_filled(f"{kind}/plugin.py", words), executable=True)
    yield File(path=f"tests/test_{module}.py", text=_filled(f"{kind}/test_plugin.py", words))


def _filled(template: str, words: Mapping[str, str]) -> str:
    text = (_TEMPLATES / f"{template}.tmpl").read_text("utf-8")
    for key, word in words.items():
        text = text.replace(f"{{{{{key}}}}}", word)
    return text
