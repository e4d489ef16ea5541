"""Rules on the plugin entries of `sources` and `executors`, each group on its own."""

import re
from collections.abc import Iterator, Mapping

from botkube.config.problem import Finding, Path, error, warning
from botkube.config.schema.groups import PluginEntry, PluginGroup
from botkube.config.schema.root import Config
from botkube.model.errors import ConfigError
from botkube.model.plugin import PluginKey, PluginKind, parse_plugin_key
from botkube.model.ranges import BadRange, check_version
from botkube.model.rbac import CHANNEL, STATIC, Rbac

# What `botkube.builtin` has; a test holds the two against each other.
BUILTIN: Mapping[PluginKind, frozenset[str]] = {
    "executor": frozenset({"echo"}),
    "source": frozenset({"heartbeat"}),
}
MAPPINGS = ("", STATIC, CHANNEL)
DNS_LABELS = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")
SEPARATE = "extract it to a dedicated configuration group or remove it from this one"


def check_groups(config: Config) -> Iterator[Finding]:
    """Check the keys of enabled plugins and that a group has each plugin once."""
    for section, kind, groups in sections(config):
        for name, group in groups.items():
            yield from _keys(group, kind, (section, name))
            yield from _doubles(group, kind, (section, name))
            yield from _identities(group, kind, (section, name))


def sections(config: Config) -> tuple[tuple[str, PluginKind, Mapping[str, PluginGroup]], ...]:
    """Return the two sections that hold plugin groups, with the kind of their plugins."""
    return (
        ("sources", "source", config.sources),
        ("executors", "executor", config.executors),
    )


def enabled_plugins(
    group: PluginGroup, kind: PluginKind
) -> Iterator[tuple[str, PluginKey, PluginEntry]]:
    """Yield text, key and entry of each enabled plugin whose key can be read."""
    for text, entry in group.plugins.items():
        if entry.enabled:
            try:
                yield text, parse_plugin_key(kind, text), entry
            except ConfigError:
                continue


def conflict(first: PluginKey, second: PluginKey, verb: str) -> str | None:
    """Tell why two plugins cannot be used side by side, or None if they can."""
    if first.name != second.name or first == second:
        return None
    if first.repo != second.repo:
        return f'conflicts with already {verb} "{first.name}" plugin from "{first.repo}" repository'
    version = f'"{first.version}"' if first.version else "latest"
    return f'conflicts with already {verb} "{first.name}" plugin in the {version} version'


def _keys(group: PluginGroup, kind: PluginKind, path: Path) -> Iterator[Finding]:
    for text, entry in group.plugins.items():
        if not entry.enabled:
            continue
        yield from _unknown_builtin(text, kind, path)
        try:
            check_version(parse_plugin_key("executor", text).version)
        except ConfigError as problem:
            fix = "write repository/name or repository/name@version, for example builtin/echo"
            yield error((*path, text), str(problem), fix)
        except BadRange as problem:
            given = text.partition("@")[2]
            fix = "write a version, or a range such as @^1.2, @~1.2.3 or @>=1.2,<2"
            yield error((*path, text), f"{given!r} {problem}", fix)


def _unknown_builtin(text: str, kind: PluginKind, path: Path) -> Iterator[Finding]:
    try:
        key = parse_plugin_key(kind, text)
    except ConfigError:
        return
    if key.repo == "builtin" and key.name not in BUILTIN[kind]:
        names = ", ".join(f"builtin/{name}" for name in sorted(BUILTIN[kind]))
        yield error(
            (*path, text), f"there is no built-in {kind} of that name", f"there is: {names}"
        )


def _doubles(group: PluginGroup, kind: PluginKind, path: Path) -> Iterator[Finding]:
    seen: dict[str, PluginKey] = {}
    for text, key, _ in enabled_plugins(group, kind):
        first = seen.setdefault(key.name, key)
        why = conflict(first, key, "defined")
        if why is not None:
            yield error((*path, text), why, SEPARATE)


def _identities(group: PluginGroup, kind: PluginKind, path: Path) -> Iterator[Finding]:
    for text, _, entry in enabled_plugins(group, kind):
        if (rbac := entry.context.rbac) is not None and rbac.wanted:
            yield from _identity(rbac, (*path, text, "context", "rbac"))


def _identity(rbac: Rbac, path: Path) -> Iterator[Finding]:
    for name, given in (("user", rbac.user.type), ("group", rbac.group.type)):
        if given not in MAPPINGS:
            text = "is no known mapping; the original took it for the default user"
            yield warning((*path, name, "type"), text, f"write {STATIC} or {CHANNEL}", given)
    account = rbac.service_account
    if not account.name:
        text = "the kubeconfig of this plugin holds the token of Botkube itself"
        fix = "give it an account of its own: serviceAccount: {namespace: .., name: ..}, see docs/permissions.md"
        yield warning(path, text, fix)
    for part, given in (("namespace", account.namespace), ("name", account.name)):
        if account.name and not DNS_LABELS.fullmatch(given):
            text = f"is no {part} of a service account"
            yield error(
                (*path, "serviceAccount", part), text, "write both namespace and name", given
            )
