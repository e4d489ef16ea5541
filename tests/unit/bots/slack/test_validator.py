"""The validator itself: it accepts each limit and refuses one more, so that its silence means something."""

from collections.abc import Callable

import pytest

from tests.fakes.slack.validator import Json, problems_of_message, problems_of_view


def text(length: int, kind: str = "mrkdwn") -> Json:
    return {"type": kind, "text": "x" * length}


def plain(length: int) -> Json:
    return text(length, "plain_text")


def button(**more: object) -> Json:
    return {"type": "button", "text": plain(1)} | more


def actions(*elements: Json, **more: object) -> list[Json]:
    return [{"type": "actions", "elements": list(elements)} | more]


def section(**parts: object) -> list[Json]:
    return [{"type": "section"} | parts]


def chosen(option: Json, count: int = 1, **more: object) -> list[Json]:
    return actions({"type": "static_select", "options": [option] * count} | more)


def option(name: int = 1, value: int = 1) -> Json:
    return {"text": plain(name), "value": "v" * value}


def grouped(groups: int, label: int = 1, options: int = 1) -> list[Json]:
    group = {"label": plain(label), "options": [option()] * options}
    return actions({"type": "static_select", "option_groups": [group] * groups})


def entry(label: int = 1, **element: object) -> list[Json]:
    field = {"type": "plain_text_input"} | element
    return [{"type": "input", "label": plain(label), "element": field}]


@pytest.mark.parametrize(
    ("limit", "blocks"),
    [
        (50, lambda n: [{"type": "divider"}] * n),
        (3000, lambda n: section(text=text(n))),
        (10, lambda n: section(fields=[text(1)] * n)),
        (2000, lambda n: section(fields=[text(n)])),
        (10, lambda n: [{"type": "context", "elements": [text(1)] * n}]),
        (150, lambda n: [{"type": "header", "text": plain(n)}]),
        (25, lambda n: actions(*[button()] * n)),
        (255, lambda n: actions(button(), block_id="b" * n)),
        (75, lambda n: actions(button(text=plain(n)))),
        (255, lambda n: actions(button(action_id="a" * n))),
        (2000, lambda n: actions(button(value="v" * n))),
        (3000, lambda n: actions(button(url="https://" + "u" * (n - 8)))),
        (100, lambda n: chosen(option(), n)),
        (75, lambda n: chosen(option(name=n))),
        (150, lambda n: chosen(option(value=n))),
        (150, lambda n: chosen(option(), placeholder=plain(n))),
        (100, grouped),
        (75, lambda n: grouped(1, label=n)),
        (100, lambda n: grouped(1, options=n)),
        (2000, entry),
        (150, lambda n: entry(placeholder=plain(n))),
        (1200, lambda n: section(text=text(3000)) * 4 + section(text=text(n))),
    ],
)  # fmt: skip
def test_a_limit_is_reached_and_not_passed(limit: int, blocks: Callable[[int], list[Json]]) -> None:
    assert problems_of_message("x", blocks(limit)) == []
    assert problems_of_message("x", blocks(limit + 1)) != []


@pytest.mark.parametrize(
    "blocks",
    [
        [{"type": "section"}],
        [{"type": "table"}],
        section(text=text(0)),
        section(text={"type": "mrkdwn", "text": " "}),
        section(text=plain(1)),
        section(text={"type": "mrkdwn", "text": "a & b"}),
        section(text={"type": "mrkdwn", "text": "a < b"}),
        section(text={"type": "mrkdwn", "text": "<!channel>"}),
        section(text={"type": "mrkdwn", "text": "<https://a|b>"}),
        section(text={"type": "mrkdwn", "text": "```\nopen"}),
        section(text=text(1), extra=1),
        actions(button(action_id="a"), button(action_id="a")),
        actions(button(), block_id="b") * 2,
        actions(button(style="blue")),
        actions(button(url="javascript:x")),
        actions(button(value="")),
        actions({"type": "plain_text_input"}),
        actions({"type": "multi_static_select", "options": [option()]}),
        actions({"type": "static_select"}),
        chosen(option(), initial_option=option(value=2)),
        entry(dispatch_action_config={"trigger_actions_on": ["x"]}),
    ],
)
def test_what_is_wrong_in_itself(blocks: list[Json]) -> None:
    assert problems_of_message("x", blocks) != []


def test_a_message_needs_a_text() -> None:
    assert problems_of_message(" ", section(text=text(1))) != []
    assert problems_of_message("x" * 4001, section(text=text(1))) != []


def test_a_view() -> None:
    view = {
        "type": "modal",
        "title": plain(24),
        "submit": plain(24),
        "close": plain(24),
        "private_metadata": "m" * 3000,
        "blocks": [{"type": "divider"}] * 100,
    }
    assert problems_of_view(view) == []
    for name, wrong in (
        ("type", "home"),
        ("title", plain(25)),
        ("submit", plain(25)),
        ("close", plain(0)),
        ("private_metadata", "m" * 3001),
        ("blocks", [{"type": "divider"}] * 101),
        ("blocks", None),
    ):
        assert problems_of_view(view | {name: wrong}) != [], name
