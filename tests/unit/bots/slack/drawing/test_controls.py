"""Buttons, rows and inputs: within limits, unique, and nothing of a label lost."""

import pytest

from botkube.bots.slack.drawing.blocks import Block, section
from botkube.bots.slack.drawing.controls import action_rows, described_buttons, inputs, multi_select
from botkube.bots.slack.drawing.draft import Draft
from botkube.bots.slack.drawing.links import key_of
from botkube.model.message import (
    Body,
    Button,
    LabelInput,
    MultiSelect,
    OptionGroup,
    OptionItem,
    Select,
    Selects,
)

A = OptionItem(name="A", value="a")
SELECT = Select(
    name="s", command="{{BotName}} s", option_groups=(OptionGroup(name="g", options=(A,)),)
)


def row(*buttons: Button) -> list[Block]:
    rows = list(action_rows(Selects(), buttons, Draft("<@U>")))
    found = rows[0]["elements"] if rows else []
    assert isinstance(found, list)
    return found


def described(button: Button) -> list[Block]:
    return list(described_buttons([button], Draft("<@U>")))


def test_a_button_runs_its_command() -> None:
    (button,) = row(Button(name="Go", command="{{BotName}} go", style="primary"))
    assert str(button.pop("action_id")).startswith("cmd:")  # type: ignore[attr-defined]
    assert button == {
        "type": "button",
        "text": {"type": "plain_text", "text": "Go", "emoji": True},
        "value": "<@U> go",
        "style": "primary",
    }


@pytest.mark.parametrize(
    ("button", "name"),
    [
        (Button(command="{{BotName}} get pods"), "get pods"),
        (Button(url="https://x.org"), "https://x.org"),
        (Button(), "Button"),
        (Button(name="{{BotName}}"), "@Botkube"),
    ],
)
def test_a_button_always_has_a_label(button: Button, name: str) -> None:
    (found,) = row(button)
    assert found["text"] == {"type": "plain_text", "text": name, "emoji": True}
    assert "style" not in found


def test_equal_buttons_and_long_commands_with_equal_begins_have_different_ids() -> None:
    begin = "é" * 1999
    commands = ["same", "same", begin + "a", begin + "ab", begin + "ac"]
    found = row(*(Button(name="b", command=command) for command in commands))
    assert len({button["action_id"] for button in found}) == 5
    assert [button["value"] for button in found][:3] == ["same", "same", begin + "a"]
    assert found[3]["value"] == key_of(begin + "ab")
    assert all(len(str(button["action_id"])) < 255 for button in found)


@pytest.mark.parametrize(
    ("url", "is_link"),
    [
        ("https://x.org/a?b=c&d#e", True),
        ("HTTP://x.org", True),
        ("https://x.org:8080/a_(b)", True),
        ("https://x/" + "a" * 2990, True),
        ("https://x/" + "a" * 2991, False),
        ("x.org", False),
        ("javascript:alert(1)", False),
        ("https://x.org/a b", False),
        ("https://x.org/<!channel>", False),
        ("https://x.org/日本", False),
        ("https://", False),
    ],
)
def test_a_link_that_slack_would_refuse_is_text(url: str, *, is_link: bool) -> None:
    button = Button(name="n", url=url)
    assert bool(row(button)) is is_link
    assert bool(described(button)) is not is_link


@pytest.mark.parametrize(
    ("style", "text"),
    [
        ("", "`a &lt;b&gt;`"),
        ("code", "`a &lt;b&gt;`"),
        ("bold", "*a &lt;b&gt;*"),
        ("italic", "_a &lt;b&gt;_"),
        ("text", "a &lt;b&gt;"),
    ],
)
def test_a_description_stands_beside_its_button(style: str, text: str) -> None:
    button = Button(name="n", command="c", description=" a <b> ", description_style=style)
    (block,) = described(button)
    assert block["text"] == section(text)["text"]
    assert isinstance(block["accessory"], dict)
    assert row(button) == []


def test_a_label_that_was_cut_stands_in_full_beside_its_button() -> None:
    (block,) = described(Button(name="n" * 76, command="c"))
    assert block["text"] == section("n" * 76)["text"]


def test_a_description_too_long_for_a_button_stands_above_it() -> None:
    blocks = described(Button(name="n", command="c", description="x\n" * 2000))
    assert [block["type"] for block in blocks] == ["section", "section", "actions"]


def test_a_row_has_25_elements_at_most_and_selects_come_first() -> None:
    selects = Selects(id="mine", items=(SELECT,) * 24)
    buttons = [Button(name="b", command="c")] * 27
    rows = list(action_rows(selects, buttons, Draft("<@U>")))
    assert [len(list(one["elements"])) for one in rows] == [25, 25, 1]  # type: ignore[call-overload]
    assert [one.get("block_id") for one in rows] == ["mine", None, None]


def test_selects_of_more_than_a_row_have_an_id_in_each() -> None:
    draft = Draft("<@U>")
    rows = list(action_rows(Selects(id="mine", items=(SELECT,) * 26), (), draft))
    first, second = (str(one["block_id"]) for one in rows)
    assert first == "mine"
    assert draft.kept[second] == "mine"


def test_a_search_has_a_block_id_of_its_own() -> None:
    external = Select(type="external", command="x")
    (found,) = action_rows(Selects(items=(external,)), (), Draft("<@U>"))
    assert str(found["block_id"]).startswith("options:")


def test_a_multi_select_beside_its_description() -> None:
    item = MultiSelect(
        name="n", command="c", options=(A,), description=Body(plaintext="Which?", code_block="a\nb")
    )
    (block,) = multi_select(item, Draft("<@U>"))
    assert block["text"] == section("Which?\n```\na\nb\n```")["text"]
    (block,) = multi_select(MultiSelect(command="c", options=(A,)), Draft("<@U>"))
    assert block["text"] == section("Choose")["text"]


def test_a_multi_select_with_a_long_description_or_without_choices() -> None:
    long = Body(plaintext="x\n" * 2000)
    blocks = list(
        multi_select(MultiSelect(name="n", options=(A,), description=long), Draft("<@U>"))
    )
    assert [("accessory" in block) for block in blocks] == [False, False, True]
    assert list(multi_select(MultiSelect(), Draft("<@U>"))) == []
    only = MultiSelect(description=Body(plaintext="text", code_block="x"))
    assert list(multi_select(only, Draft("<@U>"))) == [section("text\n`x`")]


def test_an_input_is_named_by_its_command() -> None:
    item = LabelInput(
        command="{{BotName}} logs --filter=",
        text="Filter",
        placeholder="words",
        dispatched_action="on_enter_pressed",
    )
    (block,) = inputs([item], Draft("<@U>"))
    assert block == {
        "type": "input",
        "block_id": "<@U> logs --filter=",
        "dispatch_action": True,
        "label": {"type": "plain_text", "text": "Filter", "emoji": True},
        "element": {
            "type": "plain_text_input",
            "action_id": "<@U> logs --filter=",
            "dispatch_action_config": {"trigger_actions_on": ["on_enter_pressed"]},
            "placeholder": {"type": "plain_text", "text": "words", "emoji": True},
        },
    }


def test_an_input_without_anything() -> None:
    (block,) = inputs([LabelInput(dispatched_action="other")], Draft("<@U>"))
    assert block == {
        "type": "input",
        "element": {"type": "plain_text_input"},
        "label": {"type": "plain_text", "text": "Input", "emoji": True},
    }


def test_labels_of_inputs_that_were_cut_stand_above() -> None:
    item = LabelInput(command="c", text="t" * 2001, placeholder="p" * 151)
    above, _ = inputs([item], Draft("<@U>"))
    assert above == section(f"• {'t' * 2001}\n• {'p' * 151}")


def test_two_inputs_of_one_command_have_two_block_ids() -> None:
    first, second = inputs([LabelInput(command="c")] * 2, Draft("<@U>"))
    assert first["block_id"] != second["block_id"]
    assert first["element"] == second["element"]
