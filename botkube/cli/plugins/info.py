"""`botkube plugins info`: everything that is known of one plugin."""

import json
from collections.abc import Sequence

import msgspec

from botkube.app.plugins.granted import Granted, granted
from botkube.cli import exits
from botkube.cli.info import Info, describe
from botkube.cli.interrupt import run_until_signalled
from botkube.cli.plugins.local import Local, Where, at_instance, ending, open_local
from botkube.cli.plugins.search import read_indexes
from botkube.config.bindings import BUILTIN
from botkube.model.errors import ConfigError
from botkube.model.plugin import PluginKey
from botkube.packages.cache.lockfile import read_lock
from botkube.packages.index.entries import Index
from botkube.packages.index.keys import meant, offered, split_kind
from botkube.packages.inventory import inventory
from botkube.plugins.limits import show_size
from botkube.runtime.terminal import without_controls


def info(where: Where, text: str) -> int:
    """Print what is known of a plugin; returns the exit code, 4 if there is none of that name."""

    def body() -> int:
        repo = split_kind(text)[1].partition("/")[0]
        local = open_local(at_instance(where), make=repo != BUILTIN)
        try:
            known = meant(text, local.known())
        except ConfigError as error:
            exits.fail(exits.USAGE, str(error))
        return run_until_signalled(lambda: _info(where, local, text, known))

    return ending(body)


async def _info(where: Where, local: Local, text: str, known: tuple[PluginKey, ...]) -> int:
    repo = split_kind(text)[1].partition("/")[0]
    indexes = await read_indexes(local, {repo} & set(local.settings.repositories))
    keys = known or (offered(text, indexes[repo]) if repo in indexes else ())
    found = [_describe(local, key, indexes.get(repo)) for key in keys]
    found = [each for each in found if each.versions or each.installed or each.enabled]
    if not found:
        none = f"no plugin is called {text}: `botkube plugins search` lists them"
        return exits.told(exits.UNREACHABLE, none)
    if where.as_json:
        print(msgspec.json.encode(found).decode())
    else:
        print("\n\n".join(without_controls("\n".join(_lines(each))) for each in found))
    return exits.OK


def _describe(local: Local, key: PluginKey, index: Index | None) -> Info:
    indexes = {key.repo: index} if index else {}
    rows = inventory(local.enabled, local.shelf, indexes)
    row = next((r for r in rows if (r.kind, r.plugin) == (key.kind, str(key))), None)
    repository = local.settings.repositories.get(key.repo)
    return describe(
        key,
        row,
        index,
        read_lock(local.shelf.lock_file).get(key),
        platform=local.shelf.platform,
        policy=repository.policy if repository else "off",
        granted=granted(local.config, key),
    )


def _lines(info: Info) -> list[str]:
    facts = {
        "Plugin": f"{info.kind} {info.plugin}",
        "Description": info.description,
        "Enabled": "yes" if info.enabled else "no",
        "Installed": f"{info.installed} ({info.health})" if info.installed else "no",
        "Newest": info.latest,
        "Versions": ", ".join(info.versions),
        "Platforms": ", ".join(info.platforms),
        "Documentation": info.documentation_url,
        "Source": info.source_url,
        "Digest": info.digest,
        "Size": show_size(info.size) if info.size else "",
        "Dependencies": ", ".join(info.dependencies),
        "Signature": info.signature,
        "Reason": info.reason,
    }
    lines = [f"{name + ':':<15} {value}" for name, value in facts.items() if value]
    return [*lines, *_gets(info.granted), *_schema(info)]


def _gets(given: Granted) -> Sequence[str]:
    sandbox, limits = given.sandbox, given.limits
    parts = [f"{name} {getattr(limits, name)}" for name in ("cpus", "processes")]
    memory = show_size(limits.memory) if limits.memory else "not limited"
    closed = f"on, user {sandbox.user}, network {'yes' if sandbox.network else 'no'}"
    return [
        "",
        "What it gets:",
        *(f"  {each.group + ':':<13} {each.text}" for each in given.identities),
        f"  {'sandbox:':<13} {closed if sandbox.enabled else 'off'}",
        f"  {'limits:':<13} memory {memory}, {', '.join(p for p in parts if 'None' not in p)}",
    ]


def _schema(info: Info) -> Sequence[str]:
    if info.config_schema is not None:
        text = json.dumps(info.config_schema, indent=2, ensure_ascii=False)
        return ["", "Configuration (JSON Schema):", *text.splitlines()]
    if info.config_schema_url:
        return ["", f"Configuration (JSON Schema): {info.config_schema_url}"]
    if info.plugin.startswith(f"{BUILTIN}/"):
        return ["", f"Configuration: botkube plugins run {info.plugin} --metadata"]
    return []
