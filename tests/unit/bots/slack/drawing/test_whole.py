"""The file has every text of a message."""

from botkube.bots.slack.drawing.whole import whole_text
from botkube.model.message import (
    Body,
    Button,
    LabelInput,
    Message,
    MultiSelect,
    OptionGroup,
    OptionItem,
    Section,
    Select,
    Selects,
)


def test_a_plain_message_is_its_text() -> None:
    message = Message(base_body=Body(code_block="a\nb", plaintext="p"))
    assert whole_text(message, "H", "D") == "H\nD\np\na\nb\n"


def test_names_and_labels_come_behind_the_text() -> None:
    option = OptionItem(name="Name", value="value")
    section = Section(
        header="h",
        buttons=(Button(name="Go", command="go"), Button(name="Link", url="u", command="both")),
        selects=Selects(
            items=(
                Select(
                    name="s",
                    command="sc",
                    option_groups=(OptionGroup(name="g", options=(option,)),),
                ),
            )
        ),
        multi_select=MultiSelect(name="m", command="mc", description=Body(plaintext="alone")),
        plaintext_inputs=(LabelInput(command="ic", text="il", placeholder="ip"),),
    )
    message = Message(sections=(section,), plaintext_inputs=(LabelInput(text="last"),))
    text, _, behind = whole_text(message).partition("\n\n" + "Go: go")
    assert "value" in text
    assert behind.split("\n") == [
        "", "both", "s", "sc", " • Name", "alone", "m", "mc", "il", "ip", "ic", "last", "",
    ]  # fmt: skip
