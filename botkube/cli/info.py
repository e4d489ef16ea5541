"""What is known of one plugin, put together from its index, the lock file and the configuration. Pure."""

import msgspec

from botkube.app.plugins.granted import Granted
from botkube.model.plugin import PluginKey, PluginKind
from botkube.model.versions import same_version
from botkube.packages.cache.lockfile import Locked, LockedFiles
from botkube.packages.index.choose import NotOffered, choose
from botkube.packages.index.entries import Entry, Index
from botkube.packages.index.find import versions
from botkube.packages.index.locator import kept_url, public_url
from botkube.packages.index.signature import Policy
from botkube.packages.inventory import Health, Row


class Info(msgspec.Struct, frozen=True, kw_only=True):
    """One plugin; what is said of a version is of the installed one, else of the one that would be installed."""

    plugin: str
    kind: PluginKind
    granted: Granted
    enabled: bool = False
    installed: str = ""
    latest: str = ""
    health: Health = "missing"
    reason: str = ""
    description: str = ""
    documentation_url: str = ""
    versions: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    source_url: str = ""
    digest: str = ""
    size: int = 0
    dependencies: tuple[str, ...] = ()
    signature: str = ""
    config_schema: object = None
    config_schema_url: str = ""


def describe(
    key: PluginKey,
    row: Row | None,
    index: Index | None,
    locked: Locked | None,
    *,
    platform: str,
    policy: Policy,
    granted: Granted,
) -> Info:
    """Return what there is to say of a plugin."""
    every = versions(index, key.kind, key.name) if index else []
    entry = _entry(key, index, every, row.installed if row else "", platform)
    files = locked.platforms.get(platform) if locked else None
    latest = entry.version if entry else ""
    return Info(
        plugin=str(key),
        kind=key.kind,
        granted=granted,
        enabled=row.enabled if row else False,
        installed=row.installed if row else "",
        latest=row.latest if row else latest,
        health=row.health if row else "missing",
        reason=row.reason if row else "",
        description=" ".join(entry.description.split()) if entry else "",
        documentation_url=kept_url(entry.documentation_url) if entry else "",
        versions=tuple(each.version for each in every),
        platforms=tuple(sorted(entry.packages)) if entry else (),
        source_url=_source(entry, files, platform),
        digest=_digest(entry, files, platform),
        size=sum(file.size for file in files.all.values()) if files else 0,
        dependencies=_dependencies(entry, files, platform),
        signature=_signature(locked, policy),
        config_schema=_json(entry.json_schema) if entry else None,
        config_schema_url=kept_url(entry.json_schema_url) if entry else "",
    )


def _entry(
    key: PluginKey, index: Index | None, every: list[Entry], installed: str, platform: str
) -> Entry | None:
    for each in every:
        if installed and same_version(each.version, installed):
            return each
    try:
        return choose(index, key, platform).entry if index else None
    except NotOffered:
        return every[0] if every else None


def _source(entry: Entry | None, files: LockedFiles | None, platform: str) -> str:
    if files is not None:
        return public_url(files.plugin.url)
    package = entry.packages.get(platform) if entry else None
    return public_url(package.artifact.url) if package else ""


def _digest(entry: Entry | None, files: LockedFiles | None, platform: str) -> str:
    if files is not None:
        return f"sha256:{files.plugin.sha256}"
    package = entry.packages.get(platform) if entry else None
    sums = package.artifact.checksums if package else ()
    return f"{sums[0]} (of the download)" if sums else ""


def _dependencies(entry: Entry | None, files: LockedFiles | None, platform: str) -> tuple[str, ...]:
    if files is not None:
        return tuple(files.dependencies)
    package = entry.packages.get(platform) if entry else None
    return tuple(package.dependencies) if package else ()


def _signature(locked: Locked | None, policy: Policy) -> str:
    rule = f"policy {policy}"
    if locked is None:
        return rule if policy != "off" else ""
    if locked.signed_by:
        return f"its index was signed by {locked.signed_by.rsplit(maxsplit=1)[-1]} ({rule})"
    return f"its index was not signed ({rule})"


def _json(text: str) -> object:
    try:
        return msgspec.json.decode(text) if text else None
    except (msgspec.DecodeError, UnicodeDecodeError):
        return text
