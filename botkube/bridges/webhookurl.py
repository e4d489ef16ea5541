"""The addresses at which sources take requests, as plugins are told them. Pure."""

from typing import Final
from urllib.parse import quote

PATH: Final = "/sources/v1"


def sources_url(base: str) -> str:
    """Where the requests of all sources go; nothing if there is no such place."""
    return base and f"{base}{PATH}"


def source_url(base: str, name: str) -> str:
    """Where the requests of one source group go; nothing if there is no such place."""
    return base and f"{base}{PATH}/{quote(name)}"
