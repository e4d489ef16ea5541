"""The configuration as it may be shown: the shape of the YAML, without secrets."""

import re
from collections.abc import Mapping

import msgspec

from botkube.config.decode.shape import struct_shape
from botkube.config.schema.values import Secret

MARKER = "*** REDACTED ***"
_SENSITIVE = re.compile(
    r"pass(word|wd|phrase)|secret|token|credential|(api|access|private|integration|signing)[-_]?key",
    re.IGNORECASE,
)


def redact(value: object) -> object:
    """Return plain values; every secret, and in plugins' own configuration every telling key, is a marker."""
    match value:
        case Secret():
            return MARKER if value else ""
        case msgspec.Struct():
            return _struct(value)
        case Mapping():
            return {key: _entry(key, child) for key, child in value.items()}
        case list() | tuple():
            return [redact(item) for item in value]
        case _:
            return value


def _struct(value: msgspec.Struct) -> dict[str, object]:
    shape = struct_shape(type(value))
    shown = {name: redact(getattr(value, shape.attributes[name])) for name in shape.fields}
    if shape.rest is not None:
        entries: Mapping[str, object] = getattr(value, shape.rest_attribute)
        shown.update({key: redact(child) for key, child in entries.items()})
    return shown


def _entry(key: object, child: object) -> object:
    hidden = isinstance(child, str) and child and _SENSITIVE.search(str(key))
    return MARKER if hidden else redact(child)
