"""The parts of a message: their styles, and what cannot be built."""

import pytest

from botkube.model.parts import Button, OptionItem
from botkube.sdk import (
    button,
    external_select,
    multi_select,
    select,
    text_input,
    url_button,
)
from botkube.sdk.elements import DescriptionStyle, with_mention


@pytest.mark.parametrize("style", ["text", "bold", "italic", "code"])
def test_a_button_with_each_style_of_description(style: DescriptionStyle) -> None:
    pressed = button("Run", command="x", description="about", description_style=style)
    opened = url_button("Open", "https://x", description="about", description_style=style)
    assert pressed.description == opened.description == "about"
    assert pressed.description_style == opened.description_style == style


def test_without_a_description_there_is_no_style() -> None:
    assert button("Run", command="x", style="danger") == Button(
        name="Run", command="{{BotName}} x", style="danger"
    )
    assert url_button("Open", "https://x") == Button(name="Open", url="https://x")


def test_the_mention_is_there_once() -> None:
    assert with_mention("x") == with_mention("{{BotName}} x") == "{{BotName}} x"


def test_select_options_in_groups() -> None:
    built = select("Any", command="x", groups={"one": ["a"], "two": {"B": "b"}}, initial="b")
    assert [group.name for group in built.option_groups] == ["one", "two"]
    assert built.initial_option == OptionItem(name="B", value="b")


def test_an_external_select_has_no_options() -> None:
    built = external_select("Pods", command="x")
    assert (built.type, built.command, built.option_groups) == ("external", "{{BotName}} x", ())


def test_a_select_without_options_is_refused() -> None:
    with pytest.raises(ValueError, match="'Any' needs either options or groups"):
        select("Any", command="x")
    with pytest.raises(ValueError, match="either options or groups"):
        select("Any", command="x", options=["a"], groups={"one": ["b"]})
    with pytest.raises(ValueError, match="either options or groups"):
        select("Any", command="x", groups={"one": []})
    with pytest.raises(ValueError, match="'Any' needs options"):
        multi_select("Any", command="x", options=[])


def test_what_is_chosen_at_first_is_an_option() -> None:
    with pytest.raises(ValueError, match="'Any' has no option with the value 'c'"):
        select("Any", command="x", options={"A": "a"}, initial="c")
    with pytest.raises(ValueError, match="no option with the value 'A'"):
        multi_select("Any", command="x", options={"A": "a"}, initial=["A"])


@pytest.mark.parametrize(("on", "action"), [("", ""), ("character", "on_character_entered")])
def test_when_an_input_runs(on: str, action: str) -> None:
    assert text_input("l", command="c", on=on).dispatched_action == action  # type: ignore[arg-type]  # a parameter
