"""Exit codes, and how an error ends a command: one line on stderr that says what to do."""

import sys
from typing import Final, NoReturn

OK: Final = 0
FAILED: Final = 1
USAGE: Final = 2
CONFIG: Final = 3
UNREACHABLE: Final = 4


def fail(code: int, text: str) -> NoReturn:
    """Print `botkube: text` on stderr and exit."""
    raise SystemExit(told(code, text))


def told(code: int, text: str) -> int:
    """Print `botkube: text` on stderr and return the code: where a task must not exit."""
    print(f"botkube: {text}", file=sys.stderr, flush=True)
    return code


def not_available(what: str) -> NoReturn:
    """End a command that this version does not have yet; never a silent no-op."""
    fail(USAGE, f"{what} is not available in this version")
