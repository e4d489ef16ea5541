"""Layers one tree over another: maps merge deeply and by exact key, anything else replaces.

`null` clears what was there; `{}` over a map changes nothing, because nothing in it is newer.
"""

from botkube.config.tree.node import Node, Table


def merge(older: Node, newer: Node) -> Node:
    """Return `older` overridden by `newer`; neither is changed."""
    if not (isinstance(older, Table) and isinstance(newer, Table)):
        return newer
    entries = dict(older.entries)
    for key, child in newer.entries.items():
        entries[key] = merge(entries[key], child) if key in entries else child
    in_a_file = newer.origin.line is not None
    return Table(entries, newer.origin if in_a_file else older.origin)
