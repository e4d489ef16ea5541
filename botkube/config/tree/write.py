"""Writes plain values as YAML that Go's and Python's parsers read alike."""

import yaml

from botkube.config.tree.scalars import resolve
from botkube.runtime.override import override


class _Dumper(yaml.CSafeDumper):
    """Quotes every text that either dialect takes for something else, and never writes aliases."""

    @override
    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - the name is PyYAML's
        return True


def _text(dumper: _Dumper, text: str) -> yaml.Node:
    style = None if isinstance(resolve(text), str) else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def to_yaml(value: object) -> bytes:
    """Return one document, the keys in the order they have."""
    if value is None:
        return b"null\n"
    return yaml.dump(
        value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, encoding="utf-8", width=2**16
    )
