"""Bounds of what is measured: as promised in `scripts/gates`, loose among all tests, where a machine may be slow or busy."""

import os


def bound(promised: float, loose: float) -> float:
    """The one that holds here."""
    return promised if "GATE_FULL" in os.environ else loose
