"""Text of others without what drives a terminal. Pure."""

import re
from typing import Final

_CONTROL: Final = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def without_controls(text: str) -> str:
    """Drop escape sequences, such as colours, and control characters other than newlines and tabs."""
    return _CONTROL.sub("", text)
