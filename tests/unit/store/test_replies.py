"""Replies wait on disk until they are sent, or are dead letters with a reason."""

import msgspec

from botkube.store import replies
from botkube.store.replies import OwedReply
from botkube.store.retention import REPLY_AGE, prune
from tests.fakes.store import tables


def reply(command: str = "1", **more: object) -> OwedReply:
    made = OwedReply(command=command, platform="p", trail=b"{}", body=b"hi", at=10.0)
    return msgspec.structs.replace(made, **more)


def test_a_reply_is_owed_until_it_is_sent() -> None:
    connection = tables()
    assert replies.owe(connection, reply()) == reply()
    replies.owe(connection, reply("0", at=5.0))
    replies.owe(connection, reply("x", platform="other"))
    assert replies.owed(connection, "p") == [reply("0", at=5.0), reply()]
    replies.step(connection, "1", 2, "7.7")
    replies.sent(connection, "0")
    assert replies.owed(connection, "p") == [reply(done=2, thread="7.7")]


def test_what_was_shown_belongs_to_the_reply() -> None:
    connection = tables()
    replies.show(connection, reply(shown="1.5", trail=b"first"))
    replies.show(connection, reply(shown="1.6"))
    assert replies.owed(connection, "p") == [], "its command still runs"
    assert replies.owe(connection, reply()) == reply(shown="1.5", trail=b"first")
    replies.show(connection, reply(shown="1.7"))
    assert replies.owed(connection, "p") == [reply(shown="1.5", trail=b"first")]


def test_a_dead_letter_is_kept_for_a_while_and_not_sent() -> None:
    connection = tables()
    replies.owe(connection, reply())
    replies.bury(connection, "1", "no such channel")
    assert replies.owed(connection, "p") == []
    prune(connection, now=9 + REPLY_AGE)
    assert connection.execute("SELECT reason FROM reply").fetchall() == [("no such channel",)]
    prune(connection, now=11 + REPLY_AGE)
    assert connection.execute("SELECT reason FROM reply").fetchall() == []
