"""Whatever a plugin sends: Slack takes it, and every letter is in the messages, the file or what is kept."""

import json

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from botkube.bots.slack.drawing.modal import modal
from botkube.bots.slack.drawing.render import Outgoing, Rendered, render
from botkube.model.message import is_empty
from tests.fakes.slack.anything import Author, bare, content
from tests.fakes.slack.validator import problems_of_message, problems_of_view

SEEDS = st.integers(0, 2**32)


def texts(value: object) -> list[str]:
    """Every text and link of JSON, in its order."""
    if isinstance(value, dict):
        return [
            text
            for key, child in value.items()
            for text in (
                [child] if key in {"text", "url"} and isinstance(child, str) else texts(child)
            )
        ]
    return [text for child in value for text in texts(child)] if isinstance(value, list) else []


def shown(rendered: Rendered) -> str:
    found: list[str] = []
    for post in rendered.posts:
        found += texts(list(post.blocks)) or [post.text]
    for key, kept in rendered.kept.items():
        found += [str(part) for part in _flat(json.loads(kept))] if key[0] == "?" else []
    if rendered.file is not None:
        found.append(rendered.file.content)
    return "\0".join(found)


def _flat(value: object) -> list[object]:
    return (
        [part for child in value for part in _flat(child)] if isinstance(value, list) else [value]
    )


@settings(max_examples=120, deadline=None)
@given(SEEDS)
def test_any_message(seed: int) -> None:
    author = Author(seed)
    message, header, description = author.message(), author.text(), author.text()
    rendered = render(Outgoing(message=message, header=header, description=description), "<@UBOT>")
    for post in rendered.posts:
        assert problems_of_message(post.text, list(post.blocks)) == []
    if is_empty(message):
        assert rendered == Rendered()
        return
    found = bare(shown(rendered))
    for text in content(message):
        assert bare(text) in found


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_any_form(seed: int) -> None:
    author = Author(seed)
    form = msgspec.structs.replace(author.message(), type="form")
    found = modal(Outgoing(message=form, header=author.text()), "<@UBOT>", "C1")
    assert found is None or problems_of_view(found.view) == []
