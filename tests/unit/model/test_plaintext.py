"""A message as lines of text."""

import pytest

from botkube.model.message import (
    Body,
    BulletList,
    Button,
    ContextItem,
    LabelInput,
    Message,
    MultiSelect,
    OptionGroup,
    OptionItem,
    Section,
    Select,
    Selects,
    TextField,
    plain_text,
    sent_at,
)
from botkube.model.plaintext import MARKDOWN

A = OptionItem(name="A", value="a")
FULL = Message(
    base_body=Body(plaintext="base", code_block="\nx = 1\n"),
    timestamp="2024-05-01T12:00:00.5+02:00",
    plaintext_inputs=(LabelInput(text="not shown"),),
    sections=(
        Section(
            header="Head",
            text_fields=(TextField(key="Kind", value="Pod"),),
            description="about",
            body=Body(plaintext="body"),
            bullet_lists=(BulletList(title="List", items=("one", "two")),),
        ),
        Section(
            multi_select=MultiSelect(
                description=Body(plaintext="pick", code_block="many"), options=(A,)
            ),
            selects=Selects(
                items=(Select(option_groups=(OptionGroup(name="verbs", options=(A,)),)),)
            ),
            buttons=(
                Button(name="Run", command="@b ping", description="try"),
                Button(name="Docs", url="https://x"),
            ),
            context=(ContextItem(text="small"),),
        ),
    ),
)

EXPECTED = """\
base
```
x = 1
```

**Head**
**Fields**
 • **Kind**: Pod

about
body

List
 • one
 • two

pick
`many`

**Available options**
 • `a`

**Available options**
 • verbs
     • `a`
**try**
  • `@b ping`
Docs: https://x
small

Wed, 01 May 2024 10:00:00 UTC"""


def test_markdown_has_every_part_in_order() -> None:
    assert plain_text(FULL, MARKDOWN) == EXPECTED


def test_plain_text_has_the_same_lines_without_marks() -> None:
    unmarked = [
        line.replace("**", "").replace("`", "") for line in EXPECTED.splitlines() if line != "```"
    ]
    assert plain_text(FULL).splitlines() == unmarked


def test_nothing_before_the_first_section_means_no_empty_line() -> None:
    assert plain_text(Message(sections=(Section(header="h"),))) == "h"
    assert plain_text(Message()) == ""


def test_code_of_several_lines_is_fenced_also_beside_a_select() -> None:
    select = MultiSelect(description=Body(code_block="a\nb"), options=(A,))
    text = plain_text(Message(sections=(Section(multi_select=select),)), MARKDOWN)
    assert text.startswith("```\na\nb\n```\n")


@pytest.mark.parametrize(
    ("timestamp", "seconds"),
    [
        ("0001-01-01T00:00:00Z", None),
        ("1970-01-01T00:00:01.250000000Z", 1.25),
        ("1970-01-01T01:00:00+01:00", 0.0),
        ("2023-02-31T00:00:00Z", None),
    ],
)
def test_time_of_a_message(timestamp: str, seconds: float | None) -> None:
    assert sent_at(Message(timestamp=timestamp)) == seconds
