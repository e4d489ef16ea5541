"""Makes identifiers that sort by the time they were made and are never made again, also after a restart."""

import os
from time import time_ns


def new_id() -> str:
    """Return 26 lower-case hexadecimal digits: nanoseconds of the epoch, then chance."""
    return f"{time_ns():016x}{os.urandom(5).hex()}"
