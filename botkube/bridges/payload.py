"""A webhook's payload against the JSON Schema that its plugin declares. Pure, but for the clock it is given.

The schema is a plugin's and the payload a stranger's, so neither may cost more than a moment: nothing is fetched, no
regular expression is run (Python's may take for ever), and what is not found out in time passes. The plugin has to
look at its payload anyway; this only tells senders sooner and better what is wrong.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Final, Protocol, TypeAlias, cast

import msgspec

SPENT: Final = 0.25  # seconds for one payload
LARGEST: Final = 2**18  # bytes of a schema
UNIQUE: Final = 256  # items that are compared with each other
ERRORS: Final = 8  # looked at for the one that tells most
SHOWN: Final = 300  # characters of a reason
HEAD: Final = 100  # of these from its beginning
DRAFT: Final = "Draft7Validator"  # unless a schema names another: the one that the original's index is checked by
_OTHER_DRAFTS: Final = {
    "http://json-schema.org/draft-06/schema": "Draft6Validator",
    "https://json-schema.org/draft/2019-09/schema": "Draft201909Validator",
    "https://json-schema.org/draft/2020-12/schema": "Draft202012Validator",
}
_UNCHECKED: Final = ("pattern", "patternProperties", "unevaluatedProperties", "unevaluatedItems")
_REFERENCES: Final = ("$ref", "$dynamicRef", "$recursiveRef")

Keyword: TypeAlias = Callable[[object, object, object, Mapping[str, object]], object]


class BadSchema(Exception):
    """A schema that says nothing about payloads; the text says why."""


class _Error(Protocol):
    message: str
    json_path: str


class _Validator(Protocol):
    def iter_errors(self, instance: object) -> Iterator[_Error]: ...


class _TooLong(Exception):
    pass


class PayloadSchema:
    """One plugin's schema, ready for payloads; not for two threads at once.

    Raises (from making it):
        BadSchema: it is no schema, or needs what is not at hand.
    """

    def __init__(self, text: str, now: Callable[[], float]) -> None:
        import jsonschema  # noqa: PLC0415 - 100 ms, and most programs never need it

        self._now = now
        self._until = 0.0
        self._best: Callable[[Iterator[_Error]], _Error | None] = jsonschema.exceptions.best_match
        schema = _decoded(text)

        def validator(draft: str, rules: object) -> _Validator:
            kind = getattr(jsonschema, draft)
            made = jsonschema.validators.extend(kind, self._keywords(kind.VALIDATORS))
            return cast("_Validator", made(_local(rules)))

        # Later drafts describe themselves in many files; this one catches what they have in common.
        meta = validator(DRAFT, jsonschema.Draft7Validator.META_SCHEMA)
        if wrong := self._first(meta, schema):
            raise BadSchema(wrong)
        try:
            self._validator = validator(_draft(schema), schema)
        except RecursionError as error:
            raise BadSchema("it is nested too deeply") from error

    def problem(self, payload: bytes) -> str:
        """Why a payload does not fit; nothing if it does, or cannot be checked in time.

        Raises:
            BadSchema: it turns out that the schema does not work.
        """
        try:
            return self._first(self._validator, msgspec.json.decode(payload))
        except RecursionError:
            return ""
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return _short(f"it is not JSON: {error}")

    def _first(self, validator: _Validator, instance: object) -> str:
        self._until = self._now() + SPENT
        try:
            found = self._best(islice(validator.iter_errors(instance), ERRORS))
        except (_TooLong, RecursionError):
            return ""
        except Exception as error:
            raise BadSchema(_short(f"{type(error).__name__}: {error}")) from error
        return "" if found is None else _short(f"{found.json_path}: {found.message}")

    def _keywords(self, known: Mapping[str, Keyword]) -> dict[str, Keyword]:
        return {name: self._timed(_limited(name, keyword)) for name, keyword in known.items()}

    def _timed(self, keyword: Keyword) -> Keyword:
        def timed(*given: object) -> object:
            if self._now() > self._until:
                raise _TooLong
            return keyword(*given)  # type: ignore[arg-type]  # the library's four

        return timed


def _limited(name: str, keyword: Keyword) -> Keyword:
    """The keyword, unless what it would do has no bound."""

    def limited(
        validator: object, value: object, instance: object, schema: Mapping[str, object]
    ) -> object:
        if name == "uniqueItems" and isinstance(instance, list) and len(instance) > UNIQUE:
            return ()
        if name == "additionalProperties" and "patternProperties" in schema:
            return ()
        return keyword(validator, value, instance, schema)

    return _pass if name in _UNCHECKED else limited


def _pass(*_given: object) -> object:
    return ()


def _decoded(text: str) -> object:
    if len(text) > LARGEST:
        raise BadSchema(f"it is longer than {LARGEST} characters")
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise BadSchema(f"it is not JSON: {error}") from error


def _draft(schema: object) -> str:
    named = schema.get("$schema") if isinstance(schema, dict) else None
    return _OTHER_DRAFTS.get(str(named).rstrip("#"), DRAFT)


def _local(schema: object) -> object:
    """The schema without names for its parts that would lead out of it, or to another draft's rules.

    Raises:
        BadSchema: it refers to something outside of itself.
    """
    match schema:
        case dict():
            for name in _REFERENCES:
                reference = schema.get(name)
                if isinstance(reference, str) and not reference.startswith("#"):
                    raise BadSchema(f"it refers to {_short(reference)}, and nothing is fetched")
            return {
                key: _local(value)
                for key, value in schema.items()
                if not (key in ("$id", "$schema") and isinstance(value, str))
            }
        case list():
            return [_local(value) for value in schema]
        case _:
            return schema


def _short(text: str) -> str:
    """The library names the value first and then what is wrong with it: both ends count."""
    return text if len(text) <= SHOWN else f"{text[:HEAD]}…{text[HEAD + 1 - SHOWN :]}"
