"""Tries again what failed and may work later."""

from collections.abc import AsyncIterator
from contextlib import AbstractContextManager

from botkube.packages.download.web import Patience
from botkube.packages.errors import PackageFailed


def trying(patience: Patience) -> AsyncIterator[AbstractContextManager[None]]:
    """Give the attempts, each the context of one try; the last one lets PackageFailed out.

    Cancellation: between two attempts too.
    """
    import stamina  # noqa: PLC0415 - only with a download
    import stamina.instrumentation  # noqa: PLC0415 - likewise

    stamina.instrumentation.set_on_retry_hooks([])  # what they log says nothing to a person
    return stamina.retry_context(
        on=PackageFailed,
        attempts=patience.attempts,
        timeout=None,
        wait_initial=patience.first_pause,
        wait_max=patience.longest_pause,
        wait_jitter=patience.first_pause,
    )
