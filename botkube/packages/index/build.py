"""Makes an index out of the names of files, their digests and what the plugins say of themselves. Pure.

Files are named `KIND_NAME_OS_ARCHITECTURE`, with the suffix of an archive behind that if they are one.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, cast

import msgspec

from botkube.config.tree.write import to_yaml
from botkube.model.plugin import PluginKind
from botkube.packages.errors import PackageRefused
from botkube.packages.index.entries import IndexUnreadable, parse_index, raw_entries
from botkube.packages.index.locator import BadLocation, Form, form_of, public_url, read_artifact
from botkube.wire.messages import Metadata

KINDS: Final = ("executor", "source")
_PARTS: Final = 4
_PART: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]*")
_EXE: Final = ".exe"


class BuildFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that is a plugin for one platform, by itself or in an archive (`form`)."""

    file: str
    kind: PluginKind
    name: str
    platform: str
    form: Form = ""


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A file as it is listed."""

    file: str
    platform: str
    sha256: str


class Described(msgspec.Struct, frozen=True, kw_only=True):
    """A plugin with what it says of itself; `checksums` are those of its dependencies, by URL."""

    kind: PluginKind
    name: str
    metadata: Metadata
    files: tuple[Listed, ...]
    checksums: Mapping[str, str] = {}


def scan(names: Iterable[str], wanted: str = "") -> tuple[list[BuildFile], list[str]]:
    """Read the names of files; also return what is wrong with those that begin as a plugin's but are none.

    `wanted` is a regular expression that the plugins' names must match somewhere.

    Raises: PackageRefused if it is none.
    """
    try:
        pattern = re.compile(wanted)
    except re.error as error:
        raise PackageRefused(f"{wanted!r} is no regular expression: {error}") from error
    found: list[BuildFile] = []
    problems: list[str] = []
    for file in sorted(names):
        if not file.startswith(KINDS):
            continue
        read = _read(file)
        if read is None:
            problems.append(f"{file}: is not named KIND_NAME_OS_ARCHITECTURE: rename or remove it")
        elif pattern.search(read.name):
            found.append(read)
    return found, problems


def group(files: Iterable[BuildFile]) -> dict[tuple[PluginKind, str], list[BuildFile]]:
    """Return the files of each plugin, in order."""
    found: dict[tuple[PluginKind, str], list[BuildFile]] = {}
    for file in sorted(files, key=lambda f: (f.kind, f.name, f.platform, f.file)):
        found.setdefault((file.kind, file.name), []).append(file)
    return found


def check_metadata(metadata: Metadata) -> list[str]:
    """Return what is missing or too much in what a plugin says of itself."""
    found = [
        f"its metadata has no {what}"
        for what in ("version", "description")
        if not getattr(metadata, what).strip()
    ]
    if metadata.json_schema and metadata.schema_ref_url:
        found.append("its metadata has a JSON Schema and the URL of one: leave one out")
    for name, places in metadata.dependencies.items():
        for platform, url in places.items():
            try:
                read_artifact(url, base="https://index.invalid/")
            except BadLocation as error:
                found.append(
                    f"its dependency {name} for {platform}: {public_url(url)[:200]!r} {error}"
                )
    return found


def render_index(plugins: Sequence[Described], base: str, url: str, old: bytes = b"") -> bytes:
    """Return the index, the same for the same plugins, after our own reader found nothing wrong with it.

    `base` stands before the names of the files, and "" leaves them relative to the index, which is at `url`. The other
    versions of an `old` index stay in it.

    Raises: PackageRefused with all that is wrong.
    """
    entries = [_entry(p, base) for p in sorted(plugins, key=lambda p: (p.kind, p.name))]
    if old:
        entries += _others(old, entries)
    text = to_yaml({"entries": entries})
    try:
        index = parse_index(text, url)
    except IndexUnreadable as error:
        raise PackageRefused(f"the new index {error}") from error
    if index.problems:
        raise PackageRefused("; ".join(map(str, index.problems)))
    return text


def _others(old: bytes, new: Sequence[Mapping[str, object]]) -> list[dict[str, object]]:
    """The entries of an old index that no new one takes the place of; what is out must not change."""
    try:
        before = {_identity(entry): entry for entry in raw_entries(old)}
    except IndexUnreadable as error:
        raise PackageRefused(f"the index that is there {error}: mend or remove it") from error
    for entry in new:
        now, was = _digests(entry), _digests(before.pop(_identity(entry), {}))
        if any(now[platform] != was[platform] for platform in now.keys() & was.keys()):
            kind, name, version = _identity(entry)
            raise PackageRefused(
                f"version {version} of {kind} {name} is in the index already, with other files: "
                "give the plugin a new version"
            )
    return list(before.values())


def _identity(entry: Mapping[str, object]) -> tuple[str, str, str]:
    return str(entry.get("type")), str(entry.get("name")), str(entry.get("version"))


def _digests(entry: Mapping[str, object]) -> dict[str, object]:
    """The digests by platform."""
    found = {}
    places = entry.get("urls")
    for place in places if isinstance(places, list) else []:
        platform = place.get("platform") if isinstance(place, Mapping) else None
        if isinstance(platform, Mapping):
            found[f"{platform.get('os')}/{platform.get('architecture')}"] = place.get("checksum")
    return found


def _read(file: str) -> BuildFile | None:
    form = form_of(file)
    stem = file
    if form:
        stem = file[: file.rindex(".tar.") if ".tar." in file else file.rindex(".")]
    parts = stem.removesuffix(_EXE).split("_")
    if len(parts) != _PARTS or parts[0] not in KINDS or not all(map(_PART.fullmatch, parts)):
        return None
    kind, name, system, machine = parts
    if "." in machine:  # a signature or the like beside a plugin
        return None
    return BuildFile(
        file=file,
        kind=cast("PluginKind", kind),
        name=name,
        platform=f"{system}/{machine}",
        form=form,
    )


def _entry(plugin: Described, base: str) -> dict[str, object]:
    metadata = plugin.metadata
    found: dict[str, object] = {
        "name": plugin.name,
        "type": plugin.kind,
        "version": metadata.version,
        "description": metadata.description,
        "documentationUrl": metadata.documentation_url,
        "recommended": metadata.recommended,
        "jsonSchema": _schema(metadata.json_schema, metadata.schema_ref_url),
        "urls": [_place(plugin, listed, base) for listed in plugin.files],
    }
    if metadata.external_request_schema is not None:
        schema = _schema(metadata.external_request_schema, "")
        found["externalRequest"] = {"payload": {"jsonSchema": schema}}
    return {key: value for key, value in found.items() if value or key == "jsonSchema"}


def _schema(value: str, url: str) -> dict[str, str]:
    return {"value": value} if value else {"refURL": url} if url else {}


def _place(plugin: Described, listed: Listed, base: str) -> dict[str, object]:
    system, _, machine = listed.platform.partition("/")
    found: dict[str, object] = {
        "url": f"{base.rstrip('/')}/{listed.file}" if base else listed.file,
        "checksum": listed.sha256,
        "platform": {"os": system, "architecture": machine},
    }
    dependencies = {
        name: _dependency(places[listed.platform], plugin.checksums)
        for name, places in sorted(plugin.metadata.dependencies.items())
        if listed.platform in places
    }
    return {**found, "dependencies": dependencies} if dependencies else found


def _dependency(url: str, checksums: Mapping[str, str]) -> dict[str, str]:
    return {"url": url, "checksum": checksums[url]} if url in checksums else {"url": url}
