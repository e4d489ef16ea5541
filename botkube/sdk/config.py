"""Plugin configuration: merges the documents a host sends as Go's SDK does, and decodes them into the author's type.

Maps merge deeply, lists and scalars are replaced, later wins; unknown keys are ignored, a null is as if absent.
"""

from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec

from botkube.runtime.duration import parse_duration
from botkube.sdk.errors import UserError

if TYPE_CHECKING:
    import yaml

C = TypeVar("C")

_CACHED: Final = 32  # distinct sets of configurations of one plugin: one per binding combination
_BOOL: Final = "tag:yaml.org,2002:bool"
_DATE: Final = "tag:yaml.org,2002:timestamp"


class Duration(float):
    """Seconds; written in a configuration as Go does: `500ms`, `1m30s`, `0`."""

    __slots__ = ()


def duration(text: str) -> Duration:
    """Return the default of a Duration field: `interval: Duration = duration("10s")`."""
    value = Duration(parse_duration(text))
    made: Duration = msgspec.field(
        default_factory=lambda: value
    )  # a factory: schemas cannot show the value
    return made


def decode_configs(documents: tuple[bytes, ...], kind: type[C]) -> C:
    """Merge the YAML documents in order and decode them as `kind`.

    Raises:
        UserError: a document is not YAML or does not fit; the text says where.
    """
    try:
        return msgspec.convert(_merged(documents), kind, strict=False, dec_hook=_decode_custom)
    except ValueError as error:
        raise UserError(f"while merging input configuration: {error}") from error


def merge(documents: Iterable[Mapping[object, object]]) -> dict[object, object]:
    """Return all documents as one, later ones winning."""
    result: dict[object, object] = {}
    for document in documents:
        for key, value in document.items():
            before = result.get(key)
            if isinstance(before, Mapping) and isinstance(value, Mapping):
                result[key] = merge((before, value))
            else:
                result[key] = value
    return result


def config_schema(kind: type) -> str:
    """Return the JSON Schema of a configuration type."""
    return msgspec.json.encode(msgspec.json.schema(kind, schema_hook=_schema_of_custom)).decode()


@lru_cache(maxsize=_CACHED)
def _merged(documents: tuple[bytes, ...]) -> object:
    return _without_nulls(merge(_parse(document) for document in documents))


def _parse(document: bytes) -> Mapping[object, object]:
    text = document.strip()
    value = _parse_json(text) if text.startswith(b"{") else _parse_yaml(text) if text else None
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ValueError(f"a mapping is expected, not {type(value).__name__}")  # noqa: TRY004  # shown to the user
    return value


def _parse_json(text: bytes) -> object:
    """JSON is YAML, and read 50 times as fast; what only looks like it takes the long way."""
    try:
        return msgspec.json.decode(text)
    except ValueError:
        return _parse_yaml(text)


def _parse_yaml(text: bytes) -> object:
    import yaml  # noqa: PLC0415  # 30 ms and 3 MiB that a plugin without YAML configuration saves

    try:
        value: object = yaml.load(text, _loader())  # noqa: S506  # a subclass of the safe loader
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error
    return value


@cache
def _loader() -> "type[yaml.CSafeLoader]":
    """YAML as Go's yaml.v3 reads it: `yes` and `on` are text, and so are dates."""
    import re  # noqa: PLC0415

    import yaml  # noqa: PLC0415  # see above

    class Loader(yaml.CSafeLoader):
        yaml_implicit_resolvers = {  # noqa: RUF012  # the parent class defines it so
            first: [(tag, form) for tag, form in forms if tag not in {_BOOL, _DATE}]
            for first, forms in yaml.CSafeLoader.yaml_implicit_resolvers.items()
        }

    Loader.add_implicit_resolver(
        _BOOL, re.compile("^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
    )
    return Loader


def _without_nulls(value: object) -> object:
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    return value


def _decode_custom(kind: type, value: object) -> object:
    if kind is Duration and isinstance(value, str | int) and not isinstance(value, bool):
        return Duration(parse_duration(str(value)))
    raise ValueError(f"{value!r} cannot be a {kind.__name__}")


def _schema_of_custom(kind: type) -> dict[str, object]:
    if kind is Duration:
        return {"type": "string", "examples": ["90s"]}
    raise NotImplementedError(kind.__name__)
