"""What does not work without a scope. Pure."""

from collections.abc import Iterator, Mapping
from typing import Final

from botkube.bots.slack.setup.manifest import HISTORY_SCOPES, SCOPES
from botkube.model.diagnosis import Finding

_SUBJECT: Final = "scopes"
_VITAL: Final[Mapping[str, str]] = {
    "app_mentions:read": "no mention reaches the bot",
    "channels:read": "public channels are not found by their names",
    "chat:write": "the bot can say nothing",
}
_USEFUL: Final[Mapping[str, str]] = {
    "files:read": "shared files are not looked at",
    "files:write": "long output cannot be a file",
    "groups:read": "private channels are not found by their names",
    "reactions:write": "no emoji shows what is worked on",
    "users:read": "users have ids in place of names",
}
_UNREAD: Final = "what is said while Botkube is disconnected is not read"
_UNTRIGGERED: Final = "messageTriggers see no message"


def scope_findings(given: frozenset[str] | None, *, triggers: bool) -> Iterator[Finding]:
    """Yield what is missing among the scopes of the bot's token, and what for.

    Args:
        given: what the header `x-oauth-scopes` of an answer says (docs.slack.dev/authentication); None: it is not there.
        triggers: whether commands are run on plain messages.
    """
    if given is None:
        text = "Slack's answer does not name them; a proxy may have taken the header x-oauth-scopes"
        yield Finding(subject=_SUBJECT, level="warning", text=text)
        return
    vital = {**_VITAL, **({"channels:history": _UNTRIGGERED} if triggers else {})}
    lacking = [scope for scope in (*SCOPES, *HISTORY_SCOPES) if scope not in given]
    if not set(lacking) & set(SCOPES):
        yield Finding(subject=_SUBJECT, text=f"all {len(SCOPES)} that are needed are there")
    yield from (_lacking(scope, vital) for scope in lacking)


def _lacking(scope: str, vital: Mapping[str, str]) -> Finding:
    fix = (
        f"OAuth & Permissions, Bot Token Scopes: add {scope}, then install the app again"
        " (botkube slack manifest has all of them)"
    )
    if scope in vital:
        text = f"no {scope}: {vital[scope]}"
        return Finding(subject=_SUBJECT, level="error", text=text, fix=fix)
    if scope in _USEFUL:
        text = f"no {scope}: {_USEFUL[scope]}"
        return Finding(subject=_SUBJECT, level="warning", text=text, fix=fix)
    return Finding(subject=_SUBJECT, text=f"no {scope}, which is optional: {_UNREAD}")
