"""Reads configuration into one frozen value, or says everything that is wrong with it.

Owns the shape, the layers, the checks and the derived views; it starts nothing and keeps nothing.
"""

from botkube.config.fingerprint import fingerprint
from botkube.config.load import Loaded, embedded_default, load
from botkube.config.paths import resolve_paths
from botkube.config.problem import Problem
from botkube.config.redact import redact
from botkube.config.schema.root import Config
from botkube.config.schema.values import Secret

__all__ = [
    "Config",
    "Loaded",
    "Problem",
    "Secret",
    "embedded_default",
    "fingerprint",
    "load",
    "redact",
    "resolve_paths",
]
