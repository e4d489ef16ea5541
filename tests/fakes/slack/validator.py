"""What Slack refuses, by its documentation of Block Kit (docs.slack.dev/reference/block-kit), and no code of ours.

`problems_of_message` and `problems_of_view` list what is wrong with what is about to be sent, each with its place.
Lengths are counted in UTF-16 units, the strictest way to read "characters".
"""

import json
import re
from collections.abc import Iterator, Mapping

Json = Mapping[str, object]

ELEMENTS_IN = {
    "section": {"button", "static_select", "external_select", "multi_static_select",
                "multi_external_select"},
    "actions": {"button", "static_select", "external_select"},
    "input": {"plain_text_input", "static_select", "external_select", "multi_static_select",
              "multi_external_select"},
}  # fmt: skip
KEYS_OF = {
    "section": {"text", "fields", "accessory"},
    "actions": {"elements"},
    "input": {"label", "element", "dispatch_action", "hint", "optional"},
    "context": {"elements"},
    "divider": set[str](),
    "header": {"text"},
}
KEYS_OF_ELEMENT = {
    "button": {"text", "action_id", "url", "value", "style"},
    "static_select": {"placeholder", "action_id", "options", "option_groups", "initial_option"},
    "external_select": {"placeholder", "action_id", "initial_option", "min_query_length"},
    "multi_static_select": {"placeholder", "action_id", "options", "option_groups",
                            "initial_options", "max_selected_items"},
    "multi_external_select": {"placeholder", "action_id", "min_query_length", "initial_options",
                              "max_selected_items"},
    "plain_text_input": {"action_id", "placeholder", "dispatch_action_config", "initial_value",
                         "multiline", "min_length", "max_length"},
}  # fmt: skip
TOO_LONG = (
    13_200  # all texts of a message's blocks: `msg_blocks_too_long`, as people have measured it
)
ENTITY = re.compile(r"&(?!(amp|lt|gt);)")
SPECIAL = re.compile(r"<[^<>]*>")
WANTED = re.compile(r"<(@[UW][A-Z0-9]+|https?://[^<>|\s]+|!date\^\d+\^[^<>^|]*\|[^<>|]*)>")


def problems_of_message(text: str, blocks: list[Json]) -> list[str]:
    """All that chat.postMessage would refuse or cut."""
    found = list(_blocks(blocks, 50)) if blocks else []
    if not text.strip():
        found.append("text: empty")
    if length(text) > 4000:
        found.append("text: over the 4,000 characters that Slack advises")
    found += _markup("text", text)
    whole = sum(length(part) for part in _all_texts(blocks))
    if whole > TOO_LONG:
        found.append(f"blocks: {whole} characters, msg_blocks_too_long")
    return found


def problems_of_view(view: Json) -> list[str]:
    """All that views.open would refuse."""
    found = []
    if view.get("type") != "modal":
        found.append("view: no modal")
    for part in ("title", "submit", "close"):
        found += _plain(part, view.get(part), 24)
    metadata = view.get("private_metadata", "")
    if not isinstance(metadata, str) or length(metadata) > 3000:
        found.append("private_metadata: too long")
    blocks = view.get("blocks")
    found += _blocks(blocks, 100) if isinstance(blocks, list) else ["blocks: missing"]
    if length(json.dumps(view)) > 250_000:
        found.append("view: over 250 kB")
    return found


def length(text: str) -> int:
    """In UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


def _blocks(blocks: list[Json], limit: int) -> Iterator[str]:
    if not 1 <= len(blocks) <= limit:
        yield f"blocks: {len(blocks)} of at most {limit}"
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    if len(set(map(str, ids))) < len(ids):
        yield "blocks: a block_id twice"
    for index, block in enumerate(blocks):
        place = f"/blocks/{index}"
        kind = str(block.get("type"))
        if kind not in KEYS_OF:
            yield f"{place}: unknown block {kind}"
            continue
        yield from _foreign(place, block, KEYS_OF[kind] | {"type", "block_id"})
        if "block_id" in block:
            yield from _string(f"{place}/block_id", block["block_id"], 255)
        yield from _block(place, kind, block)


def _block(place: str, kind: str, block: Json) -> Iterator[str]:
    match kind:
        case "section":
            yield from _section(place, block)
        case "header":
            yield from _plain(f"{place}/text", block.get("text"), 150)
        case "context":
            yield from _count(f"{place}/elements", block.get("elements"), 10)
            for index, item in enumerate(_list(block.get("elements"))):
                yield from _mrkdwn(f"{place}/elements/{index}", item, 3000)
        case "actions":
            yield from _count(f"{place}/elements", block.get("elements"), 25)
            yield from _elements(place, "actions", _list(block.get("elements")))
        case "input":
            yield from _plain(f"{place}/label", block.get("label"), 2000)
            yield from _elements(place, "input", [_object(block.get("element"))])
        case _:
            pass  # a divider is nothing but its type


def _section(place: str, block: Json) -> Iterator[str]:
    if "text" not in block and "fields" not in block:
        yield f"{place}: neither text nor fields"
    if "text" in block:
        yield from _mrkdwn(f"{place}/text", block["text"], 3000)
    if "fields" in block:
        yield from _count(f"{place}/fields", block["fields"], 10)
        for index, item in enumerate(_list(block["fields"])):
            yield from _mrkdwn(f"{place}/fields/{index}", item, 2000)
    if "accessory" in block:
        yield from _elements(place, "section", [_object(block["accessory"])])


def _elements(place: str, where: str, elements: list[Json]) -> Iterator[str]:
    ids = [str(element["action_id"]) for element in elements if "action_id" in element]
    if len(set(ids)) < len(ids):
        yield f"{place}: an action_id twice in a block"
    for index, element in enumerate(elements):
        here = f"{place}/elements/{index}"
        kind = str(element.get("type"))
        if kind not in ELEMENTS_IN[where]:
            yield f"{here}: {kind} cannot stand in {where}"
            continue
        yield from _foreign(here, element, KEYS_OF_ELEMENT[kind] | {"type"})
        if "action_id" in element:
            yield from _string(f"{here}/action_id", element["action_id"], 255)
        if "placeholder" in element:
            yield from _plain(f"{here}/placeholder", element["placeholder"], 150)
        yield from _element(here, kind, element)


def _element(place: str, kind: str, element: Json) -> Iterator[str]:
    if kind == "button":
        yield from _button(place, element)
    elif kind == "plain_text_input":
        config = _object(element.get("dispatch_action_config", {"trigger_actions_on": []}))
        wanted = {"on_enter_pressed", "on_character_entered"}
        if not set(map(str, _list(config.get("trigger_actions_on")))) <= wanted:
            yield f"{place}: unknown trigger"
    else:
        yield from _choices(place, kind, element)


def _button(place: str, element: Json) -> Iterator[str]:
    yield from _plain(f"{place}/text", element.get("text"), 75)
    if "value" in element:
        yield from _string(f"{place}/value", element["value"], 2000)
    if "url" in element:
        yield from _string(f"{place}/url", element["url"], 3000)
        if not re.fullmatch(r"https?://[^\s<>\"]+", str(element["url"])):
            yield f"{place}/url: no URL"
    if element.get("style", "primary") not in {"primary", "danger"}:
        yield f"{place}/style: unknown"


def _choices(place: str, kind: str, element: Json) -> Iterator[str]:
    options, groups = _list(element.get("options")), _list(element.get("option_groups"))
    if "static" in kind and bool(options) == bool(groups):
        yield f"{place}: either options or option_groups"
    for name in ("options", "option_groups"):
        if name in element:
            yield from _count(f"{place}/{name}", element[name], 100)
    for index, group in enumerate(groups):
        here = f"{place}/option_groups/{index}"
        yield from _plain(f"{here}/label", group.get("label"), 75)
        yield from _count(f"{here}/options", group.get("options"), 100)
        options = [*options, *_list(group.get("options"))]
    yield from _options(place, options, _initial(element), offered="static" in kind)


def _initial(element: Json) -> list[Json]:
    if "initial_option" in element:
        return [_object(element["initial_option"])]
    return _list(element.get("initial_options"))


def _options(
    place: str, options: list[Json], initial: list[Json], *, offered: bool
) -> Iterator[str]:
    for index, item in enumerate([*options, *initial]):
        yield from _option(f"{place}/options/{index}", item)
    if offered:
        yield from (f"{place}: initial option not offered" for one in initial if one not in options)


def _option(place: str, item: Json) -> Iterator[str]:
    yield from _foreign(place, item, {"text", "value"})
    yield from _plain(f"{place}/text", item.get("text"), 75)
    yield from _string(f"{place}/value", item.get("value"), 150)


def _plain(place: str, value: object, limit: int) -> Iterator[str]:
    item = _object(value)
    yield from _foreign(place, item, {"type", "text", "emoji"})
    if item.get("type") != "plain_text":
        yield f"{place}: no plain_text"
    yield from _string(place, item.get("text"), limit)


def _mrkdwn(place: str, value: object, limit: int) -> Iterator[str]:
    item = _object(value)
    yield from _foreign(place, item, {"type", "text", "verbatim"})
    if item.get("type") != "mrkdwn":
        yield f"{place}: no mrkdwn"
    yield from _string(place, item.get("text"), limit)
    yield from _markup(place, str(item.get("text")))


def _markup(place: str, text: str) -> Iterator[str]:
    """Unescaped control characters, unclosed fences, and specials that log text must not reach."""
    if ENTITY.search(text):
        yield f"{place}: a bare &"
    rest = SPECIAL.sub("", text)
    if "<" in rest or ">" in rest:
        yield f"{place}: a bare < or >"
    yield from (f"{place}: {one}" for one in SPECIAL.findall(text) if not WANTED.fullmatch(one))
    if text.count("```") % 2:
        yield f"{place}: a code block that does not end"


def _string(place: str, value: object, limit: int) -> Iterator[str]:
    if not isinstance(value, str) or not value.strip():
        yield f"{place}: missing or empty"
    elif length(value) > limit:
        yield f"{place}: {length(value)} characters of at most {limit}"
    elif re.search(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]", value):
        yield f"{place}: control characters"


def _count(place: str, value: object, limit: int) -> Iterator[str]:
    if not isinstance(value, list) or not 1 <= len(value) <= limit:
        yield f"{place}: not 1 to {limit} items"


def _foreign(place: str, item: Json, known: set[str]) -> Iterator[str]:
    yield from (f"{place}: unknown key {key}" for key in item if key not in known)


def _all_texts(value: object) -> Iterator[str]:
    """Every shown text but those of choices."""
    if isinstance(value, list):
        for child in value:
            yield from _all_texts(child)
    elif isinstance(value, Mapping):
        for key, child in value.items():
            if key == "text" and isinstance(child, str):
                yield child
            elif key not in {"options", "option_groups", "initial_option", "initial_options"}:
                yield from _all_texts(child)


def _list(value: object) -> list[Json]:
    return value if isinstance(value, list) else []


def _object(value: object) -> Json:
    return value if isinstance(value, Mapping) else {}
