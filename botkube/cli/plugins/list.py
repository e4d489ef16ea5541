"""`botkube plugins list`."""

import sys
from collections.abc import Sequence
from typing import Final

import msgspec

from botkube.cli import exits
from botkube.cli.plugins.local import Where, asked_instance, ending, open_local
from botkube.cli.tables import print_table
from botkube.packages.inventory import Row

_HEADER: Final = ("PLUGIN", "KIND", "VERSION", "ENABLED", "STATE", "UPDATE", "FILES", "REASON")


def list_plugins(where: Where) -> int:
    """Print every plugin that is enabled, installed or built in; returns the exit code."""
    instance = asked_instance(where)
    if instance is None:
        return ending(lambda: _print(where, open_local(where).rows()))
    from botkube.cli import instance as client
    from botkube.cli.plugins.remote import ask_rows

    try:
        return _print(where, ask_rows(instance))
    except client.NoAnswer as error:
        exits.fail(exits.UNREACHABLE, str(error))


def _print(where: Where, rows: Sequence[Row]) -> int:
    if where.as_json:
        print(msgspec.json.encode(rows).decode())
        return exits.OK
    print_table(_HEADER, [_cells(row) for row in rows])
    if any(row.enabled and row.health == "missing" for row in rows):
        print("(botkube plugins install gets what is missing)", file=sys.stderr)
    elif any(row.update for row in rows):
        print("(botkube plugins update gets what is newer)", file=sys.stderr)
    return exits.OK


def _version(row: Row) -> str:
    """What is locked, and what the instance has not left for it yet."""
    other = f" (runs {row.running})" if row.running not in {"", row.installed} else ""
    return f"{row.installed or '-'}{other}"


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row.plugin,
        row.kind,
        _version(row),
        "yes" if row.enabled else "no",
        row.state or "-",
        row.latest if row.update else "-",
        row.health,
        row.reason,
    )
