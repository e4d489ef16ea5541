"""What plugins wrote lately and what their supervisor said of them, as it was logged: a bounded ring of lines for each,
for who asks over HTTP.
"""

import logging
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from typing import Final

from botkube.app import observe
from botkube.model.plugin import PluginKey
from botkube.plugins import output
from botkube.runtime.logs import JsonFormatter
from botkube.runtime.override import override
from botkube.runtime.ring import Ring

LINES: Final = 1000  # of each plugin
SIZE: Final = 256 * 1024  # bytes of them
HEARD: Final = (output.log, observe.log)

Rings = Mapping[PluginKey, Ring]


@contextmanager
def keeping(keys: Iterable[PluginKey]) -> Generator[Rings]:
    """Keep what these plugins write while the block runs."""
    rings = {key: Ring(lines=LINES, size=SIZE) for key in keys}
    keeper = _Keeper(rings)
    for log in HEARD:
        log.addHandler(keeper)
    try:
        yield rings
    finally:
        for log in HEARD:
            log.removeHandler(keeper)


class _Keeper(logging.Handler):
    """Hears the logger below which each plugin has its own, named by its kind, and what is said about a plugin."""

    def __init__(self, rings: Rings) -> None:
        super().__init__()
        self.setFormatter(JsonFormatter())
        self._rings = {(key.kind, str(key)): ring for key, ring in rings.items()}

    @override
    def emit(self, record: logging.LogRecord) -> None:
        below = record.name.removeprefix(f"{output.log.name}.").partition("/")[0]
        kind = getattr(record, "kind", below)
        fields: object = getattr(record, "fields", None)
        plugin = fields.get("plugin") if isinstance(fields, Mapping) else None
        ring = self._rings.get((kind, plugin))  # type: ignore[arg-type]  # others are not in it
        if ring is not None:
            ring.add(self.format(record).encode("utf-8", "backslashreplace"))
