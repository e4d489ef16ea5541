"""A workspace of Slack's as the Web API shows it: by Slack's documentation, and no code of ours.

Every call is checked (token, arguments, blocks, rates), recorded, and has its effect: messages, reactions, modals and
files stay to be looked at. `answer` is what a server on a real socket asks (see `server.py`).
"""

import json
import math
from collections.abc import Callable, Mapping
from itertools import count
from typing import Final
from urllib.parse import urlsplit

import msgspec

from tests.fakes.receiver import Answer, Call
from tests.fakes.slack.arguments import arguments_of, texts_of
from tests.fakes.slack.granted import GRANTED, granted_headers
from tests.fakes.slack.rates import TIERS, Bucket
from tests.fakes.slack.validator import problems_of_message, problems_of_view

BOT_TOKEN: Final = "xoxb-fake-bot"
APP_TOKEN: Final = "xapp-fake-app"
BOT: Final = "UBOT"


class Posted(msgspec.Struct, kw_only=True):
    """A message as it stands in a channel now; `user`: only they see it."""

    channel: str
    ts: str
    text: str
    blocks: list[dict[str, object]]
    thread: str = ""
    user: str = ""
    edits: int = 0
    by: str = BOT
    at: float = 0.0
    file: str = ""

    @property
    def shown(self) -> str:
        """Everything that can be read in it."""
        return "\n".join([self.text, *texts_of(self.blocks), self.file])


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One call of a method, with its arguments, and the error it got ("": none)."""

    method: str
    args: Mapping[str, object]
    at: float
    error: str = ""


class Failed(Exception):
    """Slack's `ok: false`."""

    def __init__(self, error: str, **more: object) -> None:
        super().__init__(error)
        self.error, self.more = error, more


class Workspace:
    """Users, channels, messages; switches for what goes wrong."""

    def __init__(self, wall: Callable[[], float]) -> None:
        self.wall = wall
        self.url = ""  # of the Web API, without the slash at its end
        self.users = {"U1": "Ann Example", "U2": "Bob Example", BOT: "Botkube"}
        self.channels = {"C1": "general", "C2": "random", "C3": "ops"}
        self.members = set(self.channels)  # where the bot is
        self.history: dict[str, list[dict[str, object]]] = {}
        self.messages: list[Posted] = []
        self.reactions: dict[tuple[str, str], list[str]] = {}
        self.reacted: list[str] = []  # "+eyes C1 10.1", in their order
        self.views: list[tuple[str, dict[str, object]]] = []  # what triggered it, the view
        self.files: dict[str, bytes] = {}
        self.shared: list[Mapping[str, object]] = []
        self.asked: list[Asked] = []
        self.scopes = set(GRANTED)
        self.tells_scopes = True  # nothing on the way takes the header away
        self.ahead = 0.0  # seconds that the clock of Slack's machines is
        self.private: set[str] = set()  # channels that only members see
        self.auth_error = ""  # what every token gets: invalid_auth, token_revoked …
        self.limits = False  # the real rates
        self.latency = 0.0
        self.storm = 0  # so many calls get 429 …
        self.storm_wait = 1
        self.fault: Callable[[str, Call], Answer | None] = lambda _method, _call: None
        self.hear: Callable[[], None] = lambda: None
        self.open_socket: Callable[[], str] = lambda: ""
        self._buckets: dict[tuple[str, str], Bucket] = {}
        self._names = count(1)
        self._newest = 0.0
        self._uploads: dict[str, str] = {}
        self._responses: dict[str, list[str]] = {}  # a response_url: channel, ts, user, uses
        self._triggers: dict[str, float] = {}

    # What tests look at.

    def calls(self, *methods: str) -> list[Asked]:
        """What was asked of these methods."""
        return [item for item in self.asked if item.method in methods]

    def posts(self, channel: str = "") -> list[Posted]:
        """The bot's messages, of one channel or all."""
        return [m for m in self.messages if m.by == BOT and channel in ("", m.channel)]

    def new_ts(self) -> str:
        """The time of a message: unique, growing."""
        self._newest = max(self.wall(), self._newest + 0.000_002)
        return f"{self._newest:.6f}"

    def say(
        self, channel: str, text: str, more: Mapping[str, object] | None = None, *, ago: float = 0.0
    ) -> dict[str, object]:
        """A user's message in a channel's history; `ago`: as if it had been so many seconds earlier."""
        ts = f"{self.wall() - ago:.6f}" if ago else self.new_ts()
        entry: dict[str, object] = {"type": "message", "user": "U1", "text": text, "ts": ts}
        entry |= more or {}
        self.history.setdefault(channel, []).append(entry)
        return entry

    def trigger(self) -> str:
        """An id with which a modal can be opened within three seconds."""
        name = f"trigger.{next(self._names)}"
        self._triggers[name] = self.wall()
        return name

    def response_url(self, channel: str, ts: str, user: str) -> str:
        """Where an interaction can be answered five times."""
        path = f"/respond/{next(self._names)}"
        self._responses[path] = [channel, ts, user]
        return f"{self.url.removesuffix('/api')}{path}"

    # What the server asks.

    def answer(self, call: Call) -> Answer:
        """The answer to a request, with its effect."""
        path = urlsplit(call.path).path
        if path.startswith("/upload/"):
            return self._upload(path.rpartition("/")[2], call)
        if path.startswith("/respond/"):
            return self._respond(path, call)
        method = path.rpartition("/")[2]
        given = self.fault(method, call)
        if given is not None:
            self._note(method, arguments_of(call), call, f"HTTP {given.status}")
            return given
        answer = self._method(method, call)
        scopes = self.scopes if self.tells_scopes else None
        headers = {**answer.headers, **granted_headers(scopes, self.wall() + self.ahead)}
        return msgspec.structs.replace(answer, delay=self.latency, headers=headers)

    def _method(self, method: str, call: Call) -> Answer:
        args = arguments_of(call)
        wait = self._limited(method, args, call)
        if wait:
            self._note(method, args, call, "ratelimited")
            headers = {"Retry-After": str(math.ceil(wait))}
            return Answer(status=429, headers=headers, body=_json(ok=False, error="ratelimited"))
        try:
            self._check_token(call, args, app=method == "apps.connections.open")
            data = self._do(method)(args)
        except Failed as error:
            self._note(method, args, call, error.error)
            return Answer(body=_json(ok=False, error=error.error, **error.more))
        self._note(method, args, call)
        return Answer(body=_json(ok=True, **data))

    def _note(self, method: str, args: Mapping[str, object], call: Call, error: str = "") -> None:
        self.asked.append(Asked(method=method, args=args, at=call.at, error=error))
        self.hear()

    def _limited(self, method: str, args: Mapping[str, object], call: Call) -> float:
        if self.storm > 0:
            self.storm -= 1
            return self.storm_wait
        if not self.limits or method not in TIERS:
            return 0.0
        channel = str(args.get("channel", "")) if method == "chat.postMessage" else ""
        bucket = self._buckets.setdefault((method, channel), Bucket(TIERS[method]))
        return bucket.wait(call.at)

    def _do(self, method: str) -> Callable[[Mapping[str, object]], dict[str, object]]:
        known: Callable[[Mapping[str, object]], dict[str, object]] | None = getattr(
            self, "_do_" + method.replace(".", "_"), None
        )
        if known is None:
            raise Failed("unknown_method")
        return known

    def _check_token(self, call: Call, args: Mapping[str, object], *, app: bool) -> None:
        kind, _, token = call.headers.get("authorization", "").partition(" ")
        token = token if kind == "Bearer" else str(args.get("token", ""))
        if not token:
            raise Failed("not_authed")
        if self.auth_error:
            raise Failed(self.auth_error)
        if token not in (BOT_TOKEN, APP_TOKEN):
            raise Failed("invalid_auth")
        if (token == APP_TOKEN) != app:
            raise Failed("not_allowed_token_type")

    def _need(self, scope: str) -> None:
        if scope not in self.scopes:
            raise Failed("missing_scope", needed=scope, provided=",".join(sorted(self.scopes)))

    def _channel(
        self, args: Mapping[str, object], key: str = "channel", *, name: bool = True
    ) -> str:
        given = str(args.get(key, "")).removeprefix("#")
        by_name = {text: id_ for id_, text in self.channels.items()} if name else {}
        found = by_name.get(given, given)
        if found.startswith("U") and found in self.users:
            return found
        if found not in self.channels:
            raise Failed("channel_not_found")
        return found

    # The methods.

    def _do_auth_test(self, _args: Mapping[str, object]) -> dict[str, object]:
        return {
            "user_id": BOT,
            "user": "botkube",
            "team_id": "T1",
            "team": "Fake",
            "bot_id": "BBOT",
        }

    def _do_apps_connections_open(self, _args: Mapping[str, object]) -> dict[str, object]:
        return {"url": self.open_socket()}

    def _do_chat_postMessage(self, args: Mapping[str, object]) -> dict[str, object]:  # noqa: N802
        channel = self._channel(args)
        if channel in self.channels and channel not in self.members:
            raise Failed("not_in_channel")
        message = self._message(channel, args)
        return {"channel": channel, "ts": message.ts, "message": {"ts": message.ts}}

    def _do_chat_postEphemeral(self, args: Mapping[str, object]) -> dict[str, object]:  # noqa: N802
        if args.get("user") not in self.users:
            raise Failed("user_not_in_channel")
        message = self._message(self._channel(args), args, user=str(args["user"]))
        return {"message_ts": message.ts}

    def _do_chat_update(self, args: Mapping[str, object]) -> dict[str, object]:
        channel = self._channel(args, name=False)
        text, blocks = _checked(args)
        for message in self.messages:
            if (message.channel, message.ts, message.user) == (channel, args.get("ts"), ""):
                message.text, message.blocks = text, blocks
                message.edits += 1
                return {"channel": channel, "ts": message.ts, "text": text}
        raise Failed("message_not_found")

    def _message(self, channel: str, args: Mapping[str, object], *, user: str = "") -> Posted:
        text, blocks = _checked(args)
        message = Posted(
            channel=channel,
            ts=self.new_ts(),
            text=text,
            blocks=blocks,
            thread=str(args.get("thread_ts", "")),
            user=user,
            at=self.wall(),
        )
        self.messages.append(message)
        if not user:
            entry: dict[str, object] = {"type": "message", "text": text, "ts": message.ts}
            entry |= {"blocks": blocks, "user": BOT, "bot_id": "BBOT", "thread_ts": message.thread}
            self.history.setdefault(channel, []).append(entry)
        return message

    def _do_reactions_add(self, args: Mapping[str, object]) -> dict[str, object]:
        there, name = self._reactions(args)
        if name in there:
            raise Failed("already_reacted")
        there.append(name)
        self.reacted.append(f"+{name} {args['channel']} {args['timestamp']}")
        return {}

    def _do_reactions_remove(self, args: Mapping[str, object]) -> dict[str, object]:
        there, name = self._reactions(args)
        if name not in there:
            raise Failed("no_reaction")
        there.remove(name)
        self.reacted.append(f"-{name} {args['channel']} {args['timestamp']}")
        return {}

    def _reactions(self, args: Mapping[str, object]) -> tuple[list[str], str]:
        channel = self._channel(args, name=False)
        if not args.get("timestamp"):
            raise Failed("no_item_specified")
        key = (channel, str(args["timestamp"]))
        return self.reactions.setdefault(key, []), str(args.get("name", ""))

    def _do_conversations_info(self, args: Mapping[str, object]) -> dict[str, object]:
        return {"channel": self._shown(self._channel(args, name=False))}

    def _do_conversations_list(self, args: Mapping[str, object]) -> dict[str, object]:
        self._need("channels:read")
        names = sorted(set(self.channels) - (self.private - self.members))
        first = int(str(args.get("cursor") or 0))
        last = first + int(str(args.get("limit", 100)))
        more = str(last) if last < len(names) else ""
        found = [self._shown(name) for name in names[first:last]]
        return {"channels": found, "response_metadata": {"next_cursor": more}}

    def _shown(self, channel: str) -> dict[str, object]:
        name = self.channels.get(channel, "")
        about = {"is_member": channel in self.members, "is_private": channel in self.private}
        return {"id": channel, "name": name, **about}

    def _do_conversations_history(self, args: Mapping[str, object]) -> dict[str, object]:
        channel = self._channel(args, name=False)
        self._need("channels:history")
        oldest = float(str(args.get("oldest") or 0))
        first, limit = int(str(args.get("cursor") or 0)), int(str(args.get("limit", 100)))
        every = self.history.get(channel, [])
        found = [entry for entry in every if float(str(entry["ts"])) > oldest]
        found.sort(key=lambda entry: float(str(entry["ts"])), reverse=True)
        more = first + limit < len(found)
        cursor = str(first + limit) if more else ""
        page = found[first : first + limit]
        return {"messages": page, "has_more": more, "response_metadata": {"next_cursor": cursor}}

    def _do_users_info(self, args: Mapping[str, object]) -> dict[str, object]:
        self._need("users:read")
        user = str(args.get("user", ""))
        if user not in self.users:
            raise Failed("user_not_found")
        return {"user": {"id": user, "name": user.lower(), "real_name": self.users[user]}}

    def _do_views_open(self, args: Mapping[str, object]) -> dict[str, object]:
        trigger = str(args.get("trigger_id", ""))
        opened = self._triggers.pop(trigger, None)
        if opened is None:
            raise Failed("exchanged_trigger_id")
        if self.wall() - opened > 3:
            raise Failed("expired_trigger_id")
        view = args.get("view")
        view = json.loads(view) if isinstance(view, str) else view
        if not isinstance(view, dict):
            raise Failed("invalid_arguments")
        problems = problems_of_view(view)
        if problems:
            raise Failed("invalid_arguments", response_metadata={"messages": problems})
        self.views.append((trigger, view))
        return {"view": {"id": f"V{len(self.views)}", **view}}

    def _do_files_getUploadURLExternal(self, args: Mapping[str, object]) -> dict[str, object]:  # noqa: N802
        if not args.get("filename") or int(str(args.get("length") or 0)) < 1:
            raise Failed("invalid_arguments")
        name = f"F{next(self._names)}"
        self._uploads[name] = str(args["length"])
        return {"upload_url": f"{self.url.removesuffix('/api')}/upload/{name}", "file_id": name}

    def _do_files_completeUploadExternal(self, args: Mapping[str, object]) -> dict[str, object]:  # noqa: N802
        channel = str(args.get("channel_id", ""))
        if channel and channel not in self.channels:
            raise Failed("channel_not_found")
        given = args.get("files")
        files = json.loads(given) if isinstance(given, str) else given
        if not isinstance(files, list) or not all(item["id"] in self.files for item in files):
            raise Failed("file_not_found")
        self.shared.append(args)
        for item in files if channel else []:
            text = str(args.get("initial_comment", ""))
            message = Posted(channel=channel, ts=self.new_ts(), text=text, blocks=[])
            message.thread = str(args.get("thread_ts", ""))
            message.file, message.at = self.files[item["id"]].decode(errors="replace"), self.wall()
            self.messages.append(message)
        return {"files": files}

    def _upload(self, name: str, call: Call) -> Answer:
        if self._uploads.get(name) != str(len(call.body)):
            self._note("upload", {}, call, "length")
            return Answer(status=400, body=b"not the length that was announced")
        self.files[name] = call.body
        self._note("upload", {"file": name}, call)
        return Answer(body=f"OK - {len(call.body)}".encode())

    def _respond(self, path: str, call: Call) -> Answer:
        uses = self._responses.get(path, [])
        args = arguments_of(call)
        if not 3 <= len(uses) < 8:
            self._note("response_url", args, call, "used_url")
            return Answer(status=404, body=b"used_url")
        uses.append("used")
        channel, ts, user = uses[:3]
        try:
            text, blocks = _checked(args)
        except Failed as error:
            self._note("response_url", args, call, error.error)
            return Answer(status=400, body=error.error.encode())
        self._note("response_url", args, call)
        if args.get("replace_original"):
            for message in self.messages:
                if (message.channel, message.ts) == (channel, ts):
                    message.text, message.blocks, message.edits = text, blocks, message.edits + 1
                    return Answer(body=b"ok")
        everyone = args.get("response_type") == "in_channel"
        self._message(channel, args, user="" if everyone else user)
        return Answer(body=b"ok")


def _checked(args: Mapping[str, object]) -> tuple[str, list[dict[str, object]]]:
    """Text and blocks, as Slack would take them."""
    text, given = str(args.get("text", "")), args.get("blocks") or []
    blocks = json.loads(given) if isinstance(given, str) else given
    if not isinstance(blocks, list):
        raise Failed("invalid_blocks_format")
    if not text.strip() and not blocks:
        raise Failed("no_text")
    problems = problems_of_message(text, blocks)
    if problems:
        too_long = any("msg_blocks_too_long" in item for item in problems)
        error = "msg_blocks_too_long" if too_long else "invalid_blocks"
        raise Failed(error, response_metadata={"messages": problems})
    return text, blocks


def _json(**data: object) -> bytes:
    return msgspec.json.encode(data)
