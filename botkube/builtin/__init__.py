"""Plugins that come with the program. Each runs as a process of its own, over the same protocol as any other."""

from botkube.builtin.registry import NAMES, preload, serve

__all__ = ["NAMES", "preload", "serve"]
