"""What taking in commands works with, and the job that writes them down."""

import sqlite3
from collections.abc import Callable, Mapping

import msgspec

from botkube.bots.slack.calling import api
from botkube.bots.slack.calling.api import Call
from botkube.bots.slack.calling.directory import Directory
from botkube.bots.slack.calling.paced import PacedApi
from botkube.bots.slack.calling.people import People
from botkube.bots.slack.drawing.pack import Post
from botkube.bots.slack.hearing.triggers import Room
from botkube.bots.slack.saying.asked import Asked
from botkube.model.command import Incoming
from botkube.runtime.inbox import Inbox
from botkube.runtime.metrics import Metrics
from botkube.store import journal, seen
from botkube.store.database import Database


class Office(msgspec.Struct, frozen=True, kw_only=True):
    """What a reception works with. `rooms`: the configured channels by name."""

    platform: str
    rooms: Mapping[str, Room]
    database: Database
    inbox: Inbox[Incoming]
    paced: PacedApi
    directory: Directory
    people: People
    metrics: Metrics
    wall: Callable[[], float]


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """Commands that came together, ready to be accepted."""

    keys: tuple[str, ...]
    incomings: tuple[Incoming, ...]
    asked: Asked


def store(
    connection: sqlite3.Connection, given: Given, office: Office, now: float, *, accept: bool
) -> bool:
    """Journal commands unless they came before, by any of their keys; whether they are new."""
    new = seen.take(connection, office.platform, given.keys, now)
    for incoming in given.incomings if new and accept else ():
        journal.accept(connection, incoming, now)
    return new


def refusal(asked: Asked, text: str) -> Call:
    """What tells an asker that a command does not run; nobody else sees it."""
    post = Post(text=text)
    if asked.response_url and not asked.ts:
        return api.respond(asked.response_url, post, replace=False)
    return api.post_ephemeral(asked.channel, asked.user, post, asked.thread)
