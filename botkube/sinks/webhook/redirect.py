"""Where a redirected post may go. Pure."""

from typing import Final
from urllib.parse import urljoin, urlsplit

KEEPING: Final = frozenset({307, 308})  # the others turn a post into a get, which loses its body


class Astray(Exception):
    """A redirect that is not followed; the text says why, with hosts only, since paths may be secrets."""


def redirected(url: str, status: int, location: str) -> str:
    """The URL to post to instead.

    Raises: Astray if it is another host, in the clear, or no place for a post.
    """
    if status not in KEEPING or not location:
        raise Astray(
            f"it answered {status}, which moves a post nowhere: set url to where it is now"
        )
    try:
        new = urlsplit(urljoin(url, location))
        host, _ = new.hostname, new.port
    except ValueError:
        raise Astray(f"it answered {status} with a location that is no URL") from None
    old = urlsplit(url)
    if host != old.hostname:
        raise Astray(f"it redirects to another host, {host}, which is not followed")
    if new.scheme not in {"http", "https"} or (old.scheme == "https" and new.scheme != "https"):
        raise Astray(f"it redirects from {old.scheme} to {new.scheme}, which is not followed")
    return new.geturl()
