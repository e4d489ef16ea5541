"""The Web API's calls as values, and how often each may be made. Pure: somebody else sends them.

All go as forms, which every method takes; what is JSON in them is encoded here.
"""

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlencode

import msgspec

from botkube.bots.slack.drawing.blocks import Block
from botkube.bots.slack.drawing.pack import Post


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """How many calls a minute Slack promises to take, per workspace and app; `each_channel`: per channel instead."""

    a_minute: int
    burst: int = 1
    each_channel: bool = False


_TIER2: Final = Rate(a_minute=20, burst=5)
_TIER3: Final = Rate(a_minute=50, burst=5)
_TIER4: Final = Rate(a_minute=100, burst=10)
_SPECIAL: Final = Rate(a_minute=300, burst=20)

RATES: Final[Mapping[str, Rate]] = {
    "auth.test": _SPECIAL,
    "apps.connections.open": Rate(a_minute=20, burst=10),
    "chat.postMessage": Rate(a_minute=60, burst=5, each_channel=True),
    "chat.update": _TIER3,
    "chat.postEphemeral": _TIER4,
    "conversations.history": _TIER3,
    "conversations.info": _TIER3,
    "conversations.list": _TIER2,
    "files.getUploadURLExternal": _TIER4,
    "files.completeUploadExternal": _TIER4,
    "reactions.add": _TIER3,
    "reactions.remove": _TIER2,
    "users.info": _TIER4,
    "views.open": _TIER4,
}
RESPONSE_URL: Final = "response_url"
RESPONSES: Final = 5  # uses of one response_url, within 30 minutes

_NO_PREVIEWS: Final = {"unfurl_links": "false", "unfurl_media": "false"}
_FORM: Final = "application/x-www-form-urlencoded; charset=utf-8"
_JSON: Final = "application/json; charset=utf-8"
_TEXT: Final = "text/plain; charset=utf-8"


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One call. `method` is appended to the API's base URL; a call with a `url` goes there, without a token."""

    method: str
    body: bytes = b""
    content_type: str = _FORM
    url: str = ""
    app: bool = False  # with the app's token instead of the bot's
    channel: str = ""  # whose rate it counts for


def auth_test() -> Call:
    """Who the bot is, and whether its token is good."""
    return _form("auth.test", {})


def connections_open() -> Call:
    """A URL for one socket."""
    return _form("apps.connections.open", {}, app=True)


def post_message(channel: str, post: Post, thread: str = "") -> Call:
    """Say something in a channel, or to a user by their id."""
    where = {"channel": channel, "thread_ts": thread}
    return _form("chat.postMessage", where | _said(post) | _NO_PREVIEWS)


def post_ephemeral(channel: str, user: str, post: Post, thread: str = "") -> Call:
    """Say something that only one user of the channel sees."""
    where = {"channel": channel, "user": user, "thread_ts": thread}
    return _form("chat.postEphemeral", where | _said(post))


def update(channel: str, ts: str, post: Post) -> Call:
    """Put something else in the place of a message of the bot."""
    # Without blocks given, those of the message would stay.
    fields = {"channel": channel, "ts": ts, "blocks": "[]"}
    return _form("chat.update", fields | _said(post))


def respond(response_url: str, post: Post, *, replace: bool, thread: str = "") -> Call:
    """Answer an interaction at its own URL: in the place of its message, or to its user only."""
    body: dict[str, object] = {"text": post.text, "replace_original": replace}
    if not replace:
        body["response_type"] = "ephemeral"
    if thread:
        body["thread_ts"] = thread
    if post.blocks:
        body["blocks"] = post.blocks
    return Call(
        method=RESPONSE_URL, url=response_url, body=msgspec.json.encode(body), content_type=_JSON
    )


def add_reaction(channel: str, ts: str, name: str) -> Call:
    """Put an emoji under a message."""
    return _form("reactions.add", {"channel": channel, "timestamp": ts, "name": name})


def remove_reaction(channel: str, ts: str, name: str) -> Call:
    """Take the bot's emoji away."""
    return _form("reactions.remove", {"channel": channel, "timestamp": ts, "name": name})


def open_view(trigger: str, view: Block) -> Call:
    """Open a modal, within three seconds of what triggered it."""
    return _form("views.open", {"trigger_id": trigger, "view": _json(view)})


def upload_url(name: str, content: bytes) -> Call:
    """Where to put a file: step one of three."""
    return _form("files.getUploadURLExternal", {"filename": name, "length": str(len(content))})


def upload(url: str, content: bytes) -> Call:
    """Put it there: step two."""
    return Call(method="upload", url=url, body=content, content_type=_TEXT)


def complete_upload(
    file: str, title: str, channel: str, comment: str = "", thread: str = ""
) -> Call:
    """Share it: step three. The channel is an id, never a name."""
    files = _json([{"id": file, "title": title}])
    return _form(
        "files.completeUploadExternal",
        {"files": files, "channel_id": channel, "initial_comment": comment, "thread_ts": thread},
    )


def list_conversations(cursor: str = "", limit: int = 999) -> Call:
    """A page of the channels that the bot can see."""
    return _form(
        "conversations.list",
        {
            "types": "public_channel,private_channel",
            "exclude_archived": "true",
            "limit": str(limit),
            "cursor": cursor,
        },
    )


def channel_info(channel: str) -> Call:
    """A channel's name."""
    return _form("conversations.info", {"channel": channel})


def history(channel: str, oldest: str, cursor: str = "", limit: int = 200) -> Call:
    """A page of what was said in a channel since then."""
    return _form(
        "conversations.history",
        {"channel": channel, "oldest": oldest, "limit": str(limit), "cursor": cursor},
    )


def user_info(user: str) -> Call:
    """A user's name."""
    return _form("users.info", {"user": user})


def _form(method: str, fields: Mapping[str, str], *, app: bool = False) -> Call:
    given = {name: value for name, value in fields.items() if value}
    channel = given.get("channel") or given.get("channel_id", "")
    return Call(method=method, body=urlencode(given).encode(), app=app, channel=channel)


def _said(post: Post) -> dict[str, str]:
    fields = {"text": post.text}
    if post.blocks:
        fields["blocks"] = _json(post.blocks)
    return fields


def _json(value: Block | Sequence[Block]) -> str:
    return msgspec.json.encode(value).decode()
