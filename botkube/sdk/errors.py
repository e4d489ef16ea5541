"""What a plugin's author raises, and how any failure reaches the person who asked."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from botkube.model.errors import BotkubeError
from botkube.wire.errors import CallError

log = logging.getLogger(__name__)

_ANY_ERROR: Final = "UNKNOWN"  # what a Go plugin's error becomes; hosts show its text


class UserError(BotkubeError):
    """A failure whose text is meant for the person in the chat; it is not logged as a fault of the plugin."""

    reason = "user"


@contextmanager
def failures_shown() -> Iterator[None]:
    """Turn what the plugin's own code raises into the error text the user sees; an unexpected one is also logged."""
    try:
        yield
    except CallError:
        raise
    except UserError as error:
        raise CallError(_ANY_ERROR, str(error)) from error
    except Exception as error:
        log.exception("Plugin code failed")
        raise CallError(_ANY_ERROR, _text(error)) from error


def _text(error: Exception) -> str:
    """Name the cause: a nursery wraps even a single error in a group, whose own text says nothing."""
    while isinstance(error, ExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    kind = type(error).__name__
    if isinstance(error, LookupError):
        return f"{kind}: {error}"  # the text of a KeyError is a mere key
    return str(error) or kind
