"""Makes identifiers that sort by the time they were made and are never made again, also after a restart."""

import os
from random import Random
from time import time_ns

# Not the kernel's randomness each time: it would hand over the interpreter lock for every id.
_chance = Random()
os.register_at_fork(after_in_child=_chance.seed)


def new_id() -> str:
    """Return 26 lower-case hexadecimal digits: nanoseconds of the epoch, then chance."""
    return f"{time_ns():016x}{_chance.getrandbits(40):010x}"
