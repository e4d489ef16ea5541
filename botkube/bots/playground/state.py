"""What a client says the elements of a stored message hold → their state as platforms know it. Pure."""

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from botkube.model.slackstate import Element, Option, encode_state, one_of, option, some_of, typed

Value: TypeAlias = str | tuple[str, ...] | None
FormState: TypeAlias = Mapping[str, Mapping[str, Value]]
"""Block id → action id, an element's command → value; no value is the same as not being there."""


def state_of(body: object, state: FormState | None) -> bytes:
    """Return the JSON of the state; nothing if no element holds anything.

    What kind an element is, and the names of its options, are read from the stored body.
    """
    elements = dict(_elements(body))
    values = {
        block: {
            action: _element(elements.get(action), value)
            for action, value in actions.items()
            if value
        }
        for block, actions in (state or {}).items()
    }
    return encode_state(values)


def _element(field: tuple[str, Mapping[str, str]] | None, value: str | tuple[str, ...]) -> Element:
    kind, names = field or ("", {})
    if not isinstance(value, str):
        return some_of([_option(names, item) for item in value])
    if kind == "input":
        return typed(value)
    if kind == "multiselect":
        return some_of([_option(names, value)])
    return one_of(_option(names, value))


def _option(names: Mapping[str, str], value: str) -> Option:
    return option(value, names.get(value, ""))


def _elements(body: object) -> Iterator[tuple[str, tuple[str, Mapping[str, str]]]]:
    """Each element that holds a value: its command, its kind, the names of its options."""
    if not isinstance(body, Mapping):
        return
    for part in (*_list(body, "messages"), *_list(body, "sections")):
        yield from _elements(part)
    for item in _list(body, "plaintextInputs"):
        yield str(item.get("command")), ("input", {})
    for item in _list(body.get("selects"), "items"):
        groups = _list(item, "optionGroups")
        yield str(item.get("command")), ("select", _names(item, *groups))
    multi = body.get("multiSelect")
    if isinstance(multi, Mapping):
        yield str(multi.get("command")), ("multiselect", _names(multi))


def _names(*groups: Mapping[str, object]) -> Mapping[str, str]:
    return {
        str(item.get("value")): str(item.get("name", ""))
        for group in groups
        for item in _list(group, "options")
    }


def _list(value: object, key: str) -> list[Mapping[str, object]]:
    found = value.get(key) if isinstance(value, Mapping) else None
    return [item for item in found if isinstance(item, Mapping)] if isinstance(found, list) else []
