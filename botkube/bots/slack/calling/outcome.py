"""What became of a call of the Web API: done, later, or why not, in a sentence for people. Pure."""

from collections.abc import Mapping
from typing import Final, TypeAlias

import msgspec

from botkube.bots.slack.hearing.frames import without_nulls

_NO_WAIT: Final = 1.0
_LONGEST_WAIT: Final = 3600.0


class Ok(msgspec.Struct, frozen=True, kw_only=True):
    """Done; `data` is what Slack says of it."""

    data: Mapping[str, object] = {}

    def text(self, *path: str) -> str:
        """A text in the data; empty if there is none."""
        found: object = self.data
        for key in path:
            found = found.get(key) if isinstance(found, Mapping) else None
        return found if isinstance(found, str) else ""


class Later(msgspec.Struct, frozen=True, kw_only=True):
    """The same again, after so many seconds at least; 0: as the caller's back-off says. `limited`: it was too much;
    `unheard`: nobody answered, which has nothing to do with what was asked; `status`: HTTP's, where only that says so.
    """

    reason: str
    after: float = 0.0
    limited: bool = False
    unheard: bool = False
    status: int = 0


class AuthFailed(msgspec.Struct, frozen=True, kw_only=True):
    """The token is not good (enough). Trying again helps only after somebody has done something."""

    code: str
    sentence: str
    scope: str = ""  # that is missing


class NoChannel(msgspec.Struct, frozen=True, kw_only=True):
    """This channel cannot be used; others can."""

    code: str
    sentence: str


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """Never, as it is."""

    code: str
    sentence: str


Outcome: TypeAlias = Ok | Later | AuthFailed | NoChannel | Refused

_AUTH: Final[Mapping[str, str]] = {
    "invalid_auth": "Slack does not know the token: copy it again from the app's settings (api.slack.com/apps).",
    "not_authed": "No token was sent to Slack: set botToken (xoxb-…) and appToken (xapp-…).",
    "token_revoked": "The token was revoked: install the app to the workspace again and set the new token.",
    "token_expired": "The token has expired: switch token rotation off, or set a new token.",
    "account_inactive": "The bot's account was removed or the workspace deleted: install the app again.",
    "org_login_required": "The workspace is being moved into an organisation: install the app there.",
    "not_allowed_token_type": "This kind of token cannot be used here: "
    "botToken starts with xoxb-, appToken with xapp-.",
    "no_permission": "The token has not the permission for this: install the app to the workspace again.",
    "access_denied": "The workspace does not let the app do this: ask an admin of the workspace.",
    "two_factor_setup_required": "The workspace wants two-factor authentication first.",
    "app_uninstalled": "The app was removed from the workspace: install it again and set the new token.",
    "ekm_access_denied": "The organisation's key management does not let the app in: ask an admin.",
    "team_access_not_granted": "The app has not been given this workspace: ask an admin of the organisation.",
}
_CHANNEL: Final[Mapping[str, str]] = {
    "channel_not_found": "There is no channel {channel}, or it is private and the bot is not in it: "
    "invite the bot there with /invite @{bot}.",
    "not_in_channel": "The bot is not in channel {channel}: invite it there with /invite @{bot}.",
    "user_not_in_channel": "The user is not in channel {channel} (any more).",
    "is_archived": "Channel {channel} is archived: unarchive it or take it out of the configuration.",
    "restricted_action": "Who may post in channel {channel} is restricted: ask an admin of the workspace.",
    "restricted_action_read_only_channel": "Channel {channel} is read-only.",
    "restricted_action_thread_only_channel": "Channel {channel} takes threads only.",
    "cannot_dm_bot": "A bot cannot be written to.",
    "invalid_channel": "{channel} is no channel that a file can be shared in.",
}
_LATER: Final = frozenset(
    {
        *("ratelimited", "rate_limited", "message_limit_exceeded", "fatal_error", "internal_error"),
        *(
            "service_unavailable",
            "request_timeout",
            "team_added_to_org",
            "accesslimited",
            "unknown_error",
        ),
        "external_channel_migrating",
    }
)
_LIMITED: Final = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
_DONE: Final = frozenset({"already_reacted", "no_reaction"})  # what was wanted is so
_REFUSED: Final[Mapping[str, str]] = {
    "invalid_blocks": "Slack refused the message's blocks",
    "invalid_blocks_format": "Slack refused the message's blocks",
    "msg_blocks_too_long": "Slack found the message's blocks too long",
    "msg_too_long": "Slack found the message too long",
    "no_text": "the message is empty",
    "invalid_arguments": "Slack refused the arguments of the call",
    "expired_trigger_id": "the form was opened more than three seconds after the click",
    "trigger_expired": "the form was opened more than three seconds after the click",
    "exchanged_trigger_id": "the form of this click was opened already",
    "trigger_exchanged": "the form of this click was opened already",
    "message_not_found": "the message is not there any more",
    "thread_not_found": "the thread is not there any more",
    "cant_update_message": "the message is not one of the bot's",
    "edit_window_closed": "the message is too old to be changed",
    "used_url": "the answer URL of the click was used five times, or is older than 30 minutes",
    "expired_url": "the answer URL of the click is older than 30 minutes",
    "user_not_found": "there is no such user",
    "too_many_websockets": "the app has ten sockets already, the most that Slack allows",
}


def outcome(
    status: int, headers: Mapping[str, str], body: bytes, *, channel: str = "", bot: str = "botkube"
) -> Outcome:
    """What an answer means; `headers` by lower-case names, `channel` and `bot` are named in the sentences."""
    data = _data(body)
    code = data.get("error")
    if status == 429 or (isinstance(code, str) and code in _LIMITED):  # noqa: PLR2004
        return Later(reason="ratelimited", after=_seconds(headers), limited=True)
    if isinstance(code, str) and code:
        return _failed(code, data, channel or "?", bot, headers)
    if status >= 500 or status == 408:  # noqa: PLR2004
        return Later(reason=f"HTTP {status}", status=status, after=_wait(headers))
    if status >= 400:  # noqa: PLR2004
        return _by_text(body, status)
    if data.get("ok") is True or (not data and body.strip().lower().startswith(b"ok")):
        return Ok(data=data)
    return Later(reason="an answer that is not Slack's: is something between, such as a proxy?")


def uploaded(status: int) -> Outcome:
    """What became of putting a file where Slack said; the answer has no JSON."""
    if status == 200:  # noqa: PLR2004
        return Ok()
    if status in {408, 429} or status >= 500:  # noqa: PLR2004
        return Later(reason=f"HTTP {status}", status=status)
    return Refused(code=f"http_{status}", sentence=f"Slack did not take the file (HTTP {status}).")


def _failed(
    code: str, data: Mapping[str, object], channel: str, bot: str, headers: Mapping[str, str]
) -> Outcome:
    if code in _DONE:
        return Ok(data=data)
    if code == "missing_scope":
        scope = str(data.get("needed", "?"))
        sentence = (
            f"The app lacks the scope {scope}: add it under OAuth & Permissions "
            "and install the app to the workspace again."
        )
        return AuthFailed(code=code, sentence=sentence, scope=scope)
    if code in _AUTH:
        return AuthFailed(code=code, sentence=_AUTH[code])
    if code in _CHANNEL:
        return NoChannel(code=code, sentence=_CHANNEL[code].format(channel=channel, bot=bot))
    if code in _LATER:
        return Later(reason=code, after=_wait(headers))
    why = _REFUSED.get(code, f"Slack refused the call ({code})")
    details = _details(data)
    return Refused(code=code, sentence=f"{why}: {details}." if details else f"{why}.")


def _by_text(body: bytes, status: int) -> Refused:
    """Answer URLs say what is wrong in plain text."""
    code = body[:100].decode(errors="replace").strip()
    if code not in _REFUSED:
        return Refused(code=f"http_{status}", sentence=f"Slack answered HTTP {status}.")
    return Refused(code=code, sentence=f"{_REFUSED[code]}.")


def _data(body: bytes) -> Mapping[str, object]:
    try:
        found = without_nulls(msgspec.json.decode(body))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _details(data: Mapping[str, object]) -> str:
    metadata = data.get("response_metadata")
    said = metadata.get("messages") if isinstance(metadata, dict) else None
    lists = (said, data.get("errors"))
    return "; ".join(str(line) for lines in lists if isinstance(lines, list) for line in lines)


def _seconds(headers: Mapping[str, str]) -> float:
    """A limit always means to wait, even if it does not say how long."""
    return max(_wait(headers), _NO_WAIT)


def _wait(headers: Mapping[str, str]) -> float:
    try:
        seconds = float(headers.get("retry-after", "0"))
    except ValueError:
        return 0.0
    return min(max(seconds, 0.0), _LONGEST_WAIT)
