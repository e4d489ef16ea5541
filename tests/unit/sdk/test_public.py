"""Every public name is documented: in its docstring, and in the reference."""

import inspect
import re
from pathlib import Path

import pytest

import botkube.sdk
import botkube.sdk.testing

REFERENCE = (Path(__file__).parents[3] / "docs" / "plugins" / "reference.md").read_text("utf-8")
DOCUMENTED = set(re.findall(r"`([A-Za-z_]+)`", REFERENCE))
NAMES = [
    *((botkube.sdk, name) for name in botkube.sdk.__all__),
    *((botkube.sdk.testing, name) for name in botkube.sdk.testing.__all__),
]


@pytest.mark.parametrize(("module", "name"), NAMES, ids=[name for _, name in NAMES])
def test_a_public_name_is_documented(module: object, name: str) -> None:
    assert name in DOCUMENTED
    found: object = getattr(module, name)
    if inspect.isclass(found) or inspect.isfunction(found):
        assert inspect.getdoc(found)
        assert found.__doc__ != inspect.getdoc(object)


@pytest.mark.parametrize(("module", "name"), NAMES, ids=[name for _, name in NAMES])
def test_its_methods_and_fields_are_documented(module: object, name: str) -> None:
    found: object = getattr(module, name)
    for method, value in vars(found).items() if inspect.isclass(found) else ():
        if not method.startswith("_") and (
            inspect.isfunction(value) or isinstance(value, property)
        ):
            assert value.__doc__, f"{name}.{method}"


def test_the_lists_of_public_names_are_sorted_and_whole() -> None:
    names = botkube.sdk.__all__
    assert names == sorted(names)
    public = {name for name in vars(botkube.sdk) if not name.startswith("_")}
    modules = {name for name in public if inspect.ismodule(getattr(botkube.sdk, name))}
    # A function hides the module of its name only if they are called the same.
    assert public - modules == set(names)
