"""`botkube plugins verify`: reads every installed file again."""

import sys
from collections.abc import Sequence
from typing import Final

import msgspec

from botkube.cli import exits
from botkube.cli.plugins.local import Local, Where, at_instance, ending, open_local
from botkube.config.bindings import BUILTIN
from botkube.model.errors import ConfigError
from botkube.model.plugin import PluginKey, parse_plugin_key
from botkube.packages.index.keys import meant
from botkube.packages.verify import Verdict, verify_plugin
from botkube.runtime.terminal import without_controls

_NOTHING: Final = (
    "nothing was verified, for nothing is enabled or locked there: "
    "name the configuration with --config, and its places with --state-dir and --cache-dir"
)


def verify(where: Where, texts: Sequence[str]) -> int:
    """Print a line for each plugin; returns the exit code, 1 if something is wrong, 4 if there was nothing to read."""

    def body() -> int:
        local = open_local(at_instance(where))
        shelf = local.shelf
        print(f"(lock file {shelf.lock_file}, cache {shelf.root})", file=sys.stderr)
        keys = _named(local, texts) if texts else _all(local)
        verdicts = [verify_plugin(local.shelf, key, local.settings.repositories) for key in keys]
        _print(where, verdicts)
        if not verdicts:
            return exits.told(exits.UNREACHABLE, _NOTHING)
        return exits.OK if all(verdict.good for verdict in verdicts) else exits.FAILED

    return ending(body)


def _all(local: Local) -> list[PluginKey]:
    rows = (row for row in local.rows() if row.health not in {"built in", "by hand"})
    return [parse_plugin_key(row.kind, row.plugin) for row in rows]


def _named(local: Local, texts: Sequence[str]) -> list[PluginKey]:
    keys: list[PluginKey] = []
    for text in texts:
        try:
            found = meant(text, local.known())
        except ConfigError as error:
            exits.fail(exits.USAGE, str(error))
        keys += [key for key in found if key.repo != BUILTIN]
        if not found:
            exits.fail(exits.UNREACHABLE, f"{text} is not installed")
    return list(dict.fromkeys(keys))


def _print(where: Where, verdicts: Sequence[Verdict]) -> None:
    if where.as_json:
        print(msgspec.json.encode(verdicts).decode())
        return
    for verdict in verdicts:
        name = " ".join(filter(None, (verdict.kind, verdict.plugin, verdict.version)))
        print(f"{'ok' if verdict.good else 'WRONG'}  {name}: {without_controls(verdict.text)}")
        if verdict.warning:
            warning = f"{name} {without_controls(verdict.warning)}"
            print(f"botkube: warning: {warning}", file=sys.stderr)
