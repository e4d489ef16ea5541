"""Makes this process the one that descendants fall to when their own parent is gone: prctl(2)."""

import ctypes
import os
from typing import Final

_PR_SET_CHILD_SUBREAPER: Final = 36


def become_subreaper(*, on: bool = True) -> None:
    """Take over orphaned descendants from now on, or leave them to init again.

    Raises: OSError if the system has no such thing, or forbids it.
    """
    library = ctypes.CDLL(None, use_errno=True)
    words = [ctypes.c_ulong(word) for word in (on, 0, 0, 0)]
    if library.prctl(_PR_SET_CHILD_SUBREAPER, *words) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
