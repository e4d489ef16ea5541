"""In which order a channel gets its replies while Slack fails, against the fake workspace."""

from pathlib import Path

import pytest
import trio

from botkube.bots.slack.saying import telling
from botkube.model.replies import code
from botkube.runtime.policy import Backoff
from tests.fakes.receiver import Answer, Call
from tests.fakes.slack.outbound import Outbound, replying

pytestmark = pytest.mark.real


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "BACKOFF", Backoff(first=0.01, maximum=0.01))
    monkeypatch.setattr(telling, "PATIENCE", 2)


async def finished(out: Outbound, texts: list[str], stored: trio.Event) -> list[str]:
    """Answer so many commands; returns what was said, in its order. `stored` is set once all answers are."""
    async with trio.open_nursery() as nursery:
        for number, text in enumerate(texts, 1):
            nursery.start_soon(out.replier.finish, await out.accepted(text), code(text))
            await out.owed(number)
        stored.set()
    return [text for post in out.workspace.posts() for text in texts if text in post.text]


async def test_an_outage_changes_no_order(tmp_path: Path) -> None:
    stored, calls = trio.Event(), list[str]()

    def away(method: str, _call: Call) -> Answer | None:
        if method != "chat.postMessage" or len(calls) == 4:
            return None
        if stored.is_set():
            calls.append(method)
        return Answer(cut=0)

    async with replying(tmp_path) as out:
        out.workspace.fault = away
        told = await finished(out, ["first", "second", "third"], stored)
    assert told == ["first", "second", "third"]
    assert len(calls) == 4


async def test_one_that_slack_fails_on_lets_the_others_pass(tmp_path: Path) -> None:
    async with replying(tmp_path) as out:

        def fails(_method: str, call: Call) -> Answer | None:
            failing = b"first" in call.body and len(out.workspace.posts()) < 2
            return Answer(status=500) if failing else None

        out.workspace.fault = fails
        incomings = [await out.accepted(text) for text in ("first", "second", "third")]
        async with trio.open_nursery() as nursery:
            nursery.start_soon(out.replier.finish, incomings[0], code("first"))
            await out.owed(1)
            for incoming in incomings[1:]:
                nursery.start_soon(out.replier.finish, incoming, code(incoming.text))
        assert "first" in out.workspace.posts()[2].text
