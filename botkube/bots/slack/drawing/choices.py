"""Selects and multi-selects → elements, and the answers to searches in external ones. Pure.

Up to 100 choices stand in the message itself. More of them, and those of an external select, are kept, and
Slack asks for what matches what a user types.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, TypeAlias

import msgspec

from botkube.bots.slack.drawing.blocks import Block, option, plain
from botkube.bots.slack.drawing.draft import Draft
from botkube.bots.slack.drawing.escape import label
from botkube.bots.slack.drawing.limits import OPTION_TEXT, OPTION_VALUE, OPTIONS, PLACEHOLDER
from botkube.bots.slack.drawing.links import options_key
from botkube.model.message import MultiSelect, OptionGroup, OptionItem, Select

# Name of a group, and its choices: name and value as Slack gets it.
Groups: TypeAlias = Sequence[tuple[str, Sequence[tuple[str, str]]]]
_UNNAMED: Final = "Options"
_KEPT: Final = msgspec.json.Decoder(list[tuple[str, list[tuple[str, str]]]])


class Drawn(msgspec.Struct, frozen=True, kw_only=True):
    """An element, and what had no room in it."""

    element: Block | None
    beside: tuple[str, ...] = ()


def select(item: Select, draft: Draft, block_id: str, others: Iterable[str]) -> Drawn:
    """A select in the block of that id; `others` are the action ids beside it."""
    groups = _groups(item.option_groups, draft)
    chosen = [item.initial_option] if item.initial_option is not None else []
    external = item.type == "external" or _many(groups)
    if not external and not _count(groups):
        return Drawn(element=None, beside=(item.name, *_cut_names(item.option_groups, draft)))
    action_id = draft.action_id(draft.named(item.command), others)
    element: dict[str, object] = {"action_id": action_id}
    beside = _placeholder(item.name, element, draft)
    if external:
        element |= {"type": "external_select", "min_query_length": 0}
        draft.kept[options_key(block_id, action_id)] = _encoded(groups)
    else:
        element |= {"type": "static_select", **_listed(groups)}
    found = _chosen(chosen, groups, draft, free=item.type == "external")
    if found:
        element["initial_option"] = found[0]
    return Drawn(element=element, beside=(*beside, *_cut_names(item.option_groups, draft)))


def multi_select(item: MultiSelect, draft: Draft, block_id: str) -> Drawn:
    """A multi-select; alone in its block, or none at all without choices."""
    whole = (OptionGroup(options=item.options),)
    groups = _groups(whole, draft)
    if not groups:
        return Drawn(element=None, beside=(item.name,))
    action_id = draft.action_id(draft.named(item.command))
    element: dict[str, object] = {"action_id": action_id}
    beside = _placeholder(item.name, element, draft)
    if _many(groups):
        element |= {"type": "multi_external_select", "min_query_length": 0}
        draft.kept[options_key(block_id, action_id)] = _encoded(groups)
    else:
        element |= {"type": "multi_static_select", **_listed(groups)}
    found = _chosen(item.initial_options, groups, draft, free=False)
    if found:
        element["initial_options"] = found
    return Drawn(element=element, beside=(*beside, *_cut_names(whole, draft)))


def must_search(options: Sequence[OptionItem]) -> bool:
    """Whether there are too many to list."""
    return len(options) > OPTIONS


def suggestions(kept: str, query: str) -> Block:
    """The answer to a search in an external select: at most 100 kept choices that have the words in name or value.

    Raises:
        msgspec.MsgspecError: what was kept is something else.
    """
    wanted, room = query.casefold().split(), OPTIONS
    found: list[tuple[str, list[tuple[str, str]]]] = []
    for name, choices in _KEPT.decode(kept):
        matching = [choice for choice in choices if _matches(choice, wanted)][:room]
        room -= len(matching)
        if matching:
            found.append((name, matching))
    return _listed(found) if found else {"options": []}


def _matches(choice: tuple[str, str], wanted: Sequence[str]) -> bool:
    text = "\n".join(choice).casefold()
    return all(word in text for word in wanted)


def _groups(groups: Iterable[OptionGroup], draft: Draft) -> Groups:
    found = []
    for group in groups:
        pairs = dict.fromkeys(_pair(item, draft) for item in group.options if item != OptionItem())
        if pairs:
            found.append((draft.spoken(group.name).strip(), tuple(pairs)))
    return found


def _pair(item: OptionItem, draft: Draft) -> tuple[str, str]:
    value = draft.named(item.value)
    name = draft.spoken(item.name)
    return (name if name.strip() else value), draft.held(value, OPTION_VALUE)


def _listed(groups: Groups) -> Block:
    """The choices as Slack takes them: in groups if these have names."""
    if len(groups) == 1 and not groups[0][0]:
        return {"options": [_option(*choice) for choice in groups[0][1]]}
    return {
        "option_groups": [
            {
                "label": plain(label(name, OPTION_TEXT) or _UNNAMED),
                "options": [_option(*choice) for choice in choices],
            }
            for name, choices in groups
        ]
    }


def _option(name: str, value: str) -> Block:
    return option(label(name, OPTION_TEXT) or _UNNAMED, value)


def _chosen(
    wanted: Sequence[OptionItem], groups: Groups, draft: Draft, *, free: bool
) -> list[Block]:
    """Slack refuses a message whose initial choice is not among the offered ones."""
    offered = {choice for _, choices in groups for choice in choices}
    pairs = list(dict.fromkeys(_pair(item, draft) for item in wanted if item != OptionItem()))
    found = [pair for pair in pairs if free or pair in offered]
    if len(found) < len(pairs):
        draft.notices.append("an initial option is not among the options and was left out")
    return [_option(*pair) for pair in found]


def _placeholder(name: str, element: dict[str, object], draft: Draft) -> tuple[str, ...]:
    whole = " ".join(draft.spoken(name).split())
    shown = label(whole, PLACEHOLDER)
    if shown:
        element["placeholder"] = plain(shown)
    return () if shown == whole else (whole,)


def _cut_names(groups: Iterable[OptionGroup], draft: Draft) -> Iterator[str]:
    """Names that are shown in part or not at all."""
    for group in groups:
        names = [" ".join(draft.spoken(item.name).split()) for item in group.options]
        yield from (name for name in names if name != label(name, OPTION_TEXT))
        title = " ".join(draft.spoken(group.name).split())
        if title != label(title, OPTION_TEXT) or all(
            item == OptionItem() for item in group.options
        ):
            yield title


def _count(groups: Groups) -> int:
    return sum(len(choices) for _, choices in groups)


def _many(groups: Groups) -> bool:
    return _count(groups) > OPTIONS


def _encoded(groups: Groups) -> str:
    return msgspec.json.encode(groups).decode()
