"""Selects keep all their choices: in the message up to a hundred, else kept for searches."""

import json

import msgspec
import pytest

from botkube.bots.slack.drawing.blocks import option, plain
from botkube.bots.slack.drawing.choices import multi_select, must_search, select, suggestions
from botkube.bots.slack.drawing.draft import Draft
from botkube.bots.slack.drawing.links import key_of, options_key
from botkube.model.message import MultiSelect, OptionGroup, OptionItem, Select

A, B = OptionItem(name="A", value="a"), OptionItem(name="B", value="b")
MANY = tuple(OptionItem(name=f"name {i}", value=f"v{i}") for i in range(101))


def one(*options: OptionItem, name: str = "G", **more: object) -> Select:
    return msgspec.structs.replace(
        Select(
            name="Pick",
            command="{{BotName}} pick",
            option_groups=(OptionGroup(name=name, options=options),),
        ),
        **more,
    )


def test_a_static_select() -> None:
    drawn = select(one(A, B, initial_option=B), Draft("<@U>"), "", [])
    assert drawn.beside == ()
    assert drawn.element == {
        "action_id": "<@U> pick",
        "placeholder": plain("Pick"),
        "type": "static_select",
        "option_groups": [{"label": plain("G"), "options": [option("A", "a"), option("B", "b")]}],
        "initial_option": option("B", "b"),
    }


def test_options_of_one_group_without_a_name_stand_alone() -> None:
    element = select(one(A, name=""), Draft("<@U>"), "", []).element
    assert element is not None
    assert element["options"] == [option("A", "a")]
    assert "option_groups" not in element


@pytest.mark.parametrize(
    "wanted", [OptionItem(name="A", value="b"), OptionItem(name="C", value="c")]
)
def test_a_choice_that_is_not_offered_cannot_be_the_first(wanted: OptionItem) -> None:
    draft = Draft("<@U>")
    element = select(one(A, B, initial_option=wanted), draft, "", []).element
    assert element is not None
    assert "initial_option" not in element
    assert draft.notices


def test_an_external_select_may_start_with_anything() -> None:
    draft = Draft("<@U>")
    element = select(one(type="external", initial_option=B), draft, "b", []).element
    assert element is not None
    assert element["initial_option"] == option("B", "b")
    assert draft.kept == {options_key("b", "<@U> pick"): "[]"}


@pytest.mark.parametrize("item", [one(*MANY), one(A, B, type="external")])
def test_what_is_searched_is_kept(item: Select) -> None:
    draft = Draft("<@U>")
    element = select(item, draft, "b", []).element
    assert element is not None
    assert (element["type"], element["min_query_length"]) == ("external_select", 0)
    kept = json.loads(draft.kept[options_key("b", "<@U> pick")])
    assert len(kept[0][1]) == len(item.option_groups[0].options)


def test_a_select_without_choices_is_named() -> None:
    drawn = select(one(OptionItem()), Draft("<@U>"), "", [])
    assert drawn.element is None
    assert drawn.beside == ("Pick", "G")


def test_the_same_command_twice_in_a_block_has_two_ids() -> None:
    draft = Draft("<@U>")
    element = select(one(A), draft, "", ["<@U> pick"]).element
    assert element is not None
    assert draft.kept[str(element["action_id"])] == "<@U> pick"


def test_names_and_values_that_are_too_long() -> None:
    draft = Draft("<@U>")
    long = OptionItem(name="n" * 76, value="v" * 151)
    drawn = select(one(long, name="g" * 76, initial_option=long), draft, "", [])
    assert drawn.element is not None
    expected = option("n" * 74 + "…", key_of("v" * 151))
    assert drawn.element["initial_option"] == expected
    assert set(drawn.beside) == {"n" * 76, "g" * 76}
    assert draft.kept == {key_of("v" * 151): "v" * 151}


@pytest.mark.parametrize(
    ("item", "shown"),
    [
        (OptionItem(name="", value="v"), option("v", "v")),
        (OptionItem(name="none", value=""), option("none", key_of(""))),
        (OptionItem(name="{{BotName}}", value="{{BotName}}"), option("@Botkube", "<@U>")),
        (OptionItem(name="\n", value="\n"), option("Options", key_of("\n"))),
    ],
)
def test_odd_choices(item: OptionItem, shown: object) -> None:
    element = select(one(item, name=""), Draft("<@U>"), "", []).element
    assert element is not None
    assert element["options"] == [shown]


def test_a_multi_select() -> None:
    item = MultiSelect(
        name="Pick", command="{{BotName}} edit", options=(A, B, B), initial_options=(B, MANY[0])
    )
    draft = Draft("<@U>")
    element = multi_select(item, draft, "").element
    assert element == {
        "action_id": "<@U> edit",
        "placeholder": plain("Pick"),
        "type": "multi_static_select",
        "options": [option("A", "a"), option("B", "b")],
        "initial_options": [option("B", "b")],
    }
    assert draft.notices


def test_a_multi_select_of_many_is_searched() -> None:
    draft = Draft("<@U>")
    element = multi_select(MultiSelect(name="Pick", command="c", options=MANY), draft, "b").element
    assert element is not None
    assert element["type"] == "multi_external_select"
    assert options_key("b", "c") in draft.kept
    assert must_search(MANY)
    assert not must_search(MANY[1:])


KEPT = json.dumps(
    [["Fruit", [["Apple pie", "a1"], ["Banana", "b1"]]], ["Other", [["apple tree", "t"]]]]
)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["Apple pie", "Banana", "apple tree"]),
        ("APPLE", ["Apple pie", "apple tree"]),
        ("pie app", ["Apple pie"]),
        ("b1", ["Banana"]),
        ("nothing", []),
    ],
)
def test_a_search(query: str, names: list[str]) -> None:
    found = suggestions(KEPT, query)
    groups = found.get("option_groups", [{"options": found.get("options")}])
    assert isinstance(groups, list)
    assert [item["text"]["text"] for group in groups for item in group["options"]] == names


def test_a_search_shows_a_hundred_at_most() -> None:
    kept = json.dumps(
        [["", [[f"n{i}", "v"] for i in range(90)]], ["more", [[f"m{i}", "v"] for i in range(90)]]]
    )
    groups = suggestions(kept, "")["option_groups"]
    assert isinstance(groups, list)
    assert [len(group["options"]) for group in groups] == [90, 10]
    assert groups[0]["label"] == plain("Options")


def test_what_is_kept_must_be_choices() -> None:
    with pytest.raises(msgspec.MsgspecError):
        suggestions("{}", "")
