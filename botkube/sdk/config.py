"""Plugin configuration: merges the documents a host sends as Go's SDK does, and decodes them into the author's type.

Maps merge deeply, lists and scalars are replaced, later wins; unknown keys are ignored, a null is as if absent.
"""

from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec

from botkube.sdk.convert import convert
from botkube.sdk.errors import UserError

if TYPE_CHECKING:
    import yaml

C = TypeVar("C")

_CACHED: Final = 32  # distinct sets of configurations of one plugin: one per binding combination
_BOOL: Final = "tag:yaml.org,2002:bool"
_DATE: Final = "tag:yaml.org,2002:timestamp"


def decode_configs(documents: tuple[bytes, ...], kind: type[C]) -> C:
    """Merge the YAML documents in order and decode them as `kind`.

    Raises:
        UserError: a document is not YAML or does not fit; the text names key, value and what is expected.
    """
    try:
        return convert(_merged(documents), kind)
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
