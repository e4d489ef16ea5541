"""The gallery: each message is drawn as it was looked at, and Slack would take it.

After a wanted change: `.venv/bin/python -m tests.fakes.slack.gallery`, and look at the difference.
"""

from pathlib import Path

import pytest

from botkube.bots.slack.drawing.modal import modal
from botkube.bots.slack.drawing.render import render
from tests.fakes.slack.gallery import BOT, DRAWN, GALLERY, drawn, messages
from tests.fakes.slack.validator import problems_of_message, problems_of_view

FILES = sorted(GALLERY.glob("*.json"))


def test_there_are_forty() -> None:
    assert len(FILES) == 40
    assert sorted(path.name for path in DRAWN.glob("*.json")) == [path.name for path in FILES]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_message_of_the_gallery(path: Path) -> None:
    assert drawn(path) == DRAWN.joinpath(path.name).read_text("utf-8")
    for outgoing in messages(path):
        for post in render(outgoing, BOT).posts:
            assert problems_of_message(post.text, list(post.blocks)) == []
        form = modal(outgoing, BOT, "C1")
        assert form is None or problems_of_view(form.view) == []
