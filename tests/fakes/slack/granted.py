"""What every answer of Slack's says beside its body: the scopes of the token, and the time."""

from collections.abc import Iterable, Mapping
from email.utils import formatdate
from typing import Final

GRANTED: Final = (
    *("app_mentions:read", "channels:history", "channels:read", "chat:write", "files:read"),
    *("files:write", "groups:history", "groups:read", "reactions:write", "users:read"),
)


def granted_headers(scopes: Iterable[str] | None, now: float) -> Mapping[str, str]:
    """The headers (docs.slack.dev/authentication/installing-with-oauth); no scopes: something took them away."""
    said = {} if scopes is None else {"x-oauth-scopes": ",".join(sorted(scopes))}
    return said | {"date": formatdate(now, usegmt=True)}
