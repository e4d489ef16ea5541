"""A repository's index: YAML → entries, and everything that is wrong with it, by entry and key. Pure.

An entry that cannot be used is left out with its reason; it never costs the others. Names that would lead out
of the cache, two entries for one version and unusable URLs are such reasons. Unknown keys are ignored.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final, NoReturn, cast

import msgspec
from msgspec.structs import replace

from botkube.config.tree.node import Items, Leaf, Node, Scalar, Table, kind, plain
from botkube.config.tree.parse import BadYaml, parse
from botkube.model.plugin import PluginKind
from botkube.packages.index.locator import Artifact, BadLocation, read_artifact, read_checksum
from botkube.runtime.override import override

MOST_ENTRIES: Final = 10_000
MOST_PROBLEMS: Final = 100
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}")  # part of a file name
_VERSION: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]{0,63}")  # likewise; "_" ends it there
_NULL: Final = frozenset(("", "~", "null", "Null", "NULL"))
_TRUE: Final = frozenset(("true", "True", "TRUE"))
_KINDS: Final = ("executor", "source")


class IndexUnreadable(ValueError):
    """The index as a whole cannot be used; the text completes a sentence that begins with its URL."""


class IndexProblem(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with one key of one entry."""

    entry: str
    key: str
    line: int | None
    text: str

    @override
    def __str__(self) -> str:
        where = f" (line {self.line})" if self.line else ""
        return f"{self.entry}: {self.key} {self.text}{where}"


class Package(msgspec.Struct, frozen=True, kw_only=True):
    """What to download for one platform."""

    artifact: Artifact
    dependencies: Mapping[str, Artifact] = {}


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One version of one plugin; `packages` is keyed by platform, such as linux/amd64."""

    kind: PluginKind
    name: str
    version: str
    description: str = ""
    documentation_url: str = ""
    recommended: bool = False
    json_schema: str = ""
    json_schema_url: str = ""
    payload_schema: str = ""
    packages: Mapping[str, Package] = {}


class Index(msgspec.Struct, frozen=True, kw_only=True):
    """What a repository offers."""

    url: str
    entries: tuple[Entry, ...]
    problems: tuple[IndexProblem, ...] = ()


def parse_index(content: bytes, url: str) -> Index:
    """Read an index that came from `url`, which relative URLs in it start from.

    Raises: IndexUnreadable.
    """
    reader = _Reader(url)
    entries = tuple(reader.read(_root(content, reader)))
    return Index(
        url=url, entries=reader.unique(entries), problems=tuple(reader.problems[:MOST_PROBLEMS])
    )


def raw_entries(content: bytes) -> list[dict[str, object]]:
    """Read the entries as they stand there, for an index that is to hold them too.

    Raises: IndexUnreadable.
    """
    found = []
    for entry in map(plain, _root(content, _Reader("")).items):
        if not isinstance(entry, dict):
            raise IndexUnreadable("has an entry that is no mapping")
        if "recommended" in entry:  # all values are text here
            entry["recommended"] = entry["recommended"] in _TRUE
        found.append(entry)
    return found


def _root(content: bytes, reader: "_Reader") -> Items:
    try:
        text = content.decode("utf-8-sig")
        root = parse(text, "index", reader.duplicate_key, lambda *_: None, _text_or_null)
    except UnicodeDecodeError as error:
        raise IndexUnreadable("is no UTF-8 text") from error
    except BadYaml as error:
        where = f"line {error.line}: " if error.line else ""
        raise IndexUnreadable(f"is no index: {where}{error.text}") from error
    if not isinstance(root, Table) or "entries" not in root.entries:
        raise IndexUnreadable("is no index: it has no entries:")
    entries = root.entries["entries"]
    if isinstance(entries, Leaf) and entries.value is None:
        return Items((), entries.origin)
    if not isinstance(entries, Items):
        raise IndexUnreadable(f"is no index: entries: is {kind(entries)}, not a list")
    if len(entries.items) > MOST_ENTRIES:
        raise IndexUnreadable(f"has more than {MOST_ENTRIES} entries")
    return entries


def _text_or_null(text: str) -> Scalar:
    """All values are text: `version: 1.10` is no number."""
    return None if text in _NULL else text


class _Bad(Exception):
    """Ends the reading of an entry or of one of its URLs; the problem is recorded."""


class _Reader:
    """One pass over one index; owns the list of problems."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.problems: list[IndexProblem] = []
        self._entry = ""

    def read(self, items: Items) -> Iterator[Entry]:
        for number, node in enumerate(items.items):
            self._entry = f"entries[{number}]"
            try:
                yield self._read_entry(node)
            except _Bad:
                continue

    def unique(self, entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
        """Without those that are there twice: nobody can say which one is meant."""
        counts: dict[tuple[str, str, str], int] = {}
        for entry in entries:
            counts[_identity(entry)] = counts.get(_identity(entry), 0) + 1
        for (type_, name, version), count in counts.items():
            if count > 1:
                self._entry = f"{type_} {name} {version}"
                self._note("version", None, f"is there {count} times, none of them is used")
        return tuple(entry for entry in entries if counts[_identity(entry)] == 1)

    def duplicate_key(self, line: int, path: tuple[str, ...], text: str, _fix: str) -> None:
        self._entry = "".join(path[:2]) or "index"
        self._note(".".join(path[2:]) or "key", line, f"is there twice: {text}")

    def _read_entry(self, node: Node) -> Entry:
        table = self._table(node, "entry")
        place = self._entry
        name = self._matching(table, "name", _NAME, "letters, digits and . _ + -")
        self._entry = f"{place} ({name})"
        type_ = self._text(table, "type")
        if type_ not in _KINDS:
            self._fail("type", table, f"is {type_[:100]!r}, known are {' and '.join(_KINDS)}")
        version = self._matching(table, "version", _VERSION, "letters, digits and . + -")
        self._entry = f"{place} ({type_} {name} {version})"
        return Entry(
            kind=cast("PluginKind", type_),
            name=name,
            version=version,
            description=self._text(table, "description", required=False),
            documentation_url=self._text(table, "documentationUrl", required=False),
            recommended=self._text(table, "recommended", required=False) in _TRUE,
            json_schema=self._deep(table, "jsonSchema", "value"),
            json_schema_url=self._deep(table, "jsonSchema", "refURL"),
            payload_schema=self._deep(table, "externalRequest", "payload", "jsonSchema", "value"),
            packages=self._packages(table),
        )

    def _packages(self, table: Table) -> dict[str, Package]:
        urls = table.entries.get("urls")
        if not isinstance(urls, Items) or not urls.items:
            self._fail("urls", table, "is missing or empty")
        found: dict[str, Package] = {}
        for number, node in enumerate(urls.items):
            try:
                platform, package = self._package(node, f"urls[{number}]")
                if platform in found:
                    self._fail(f"urls[{number}].platform", node, f"is {platform} again")
            except _Bad:
                continue
            found[platform] = package
        return found

    def _package(self, node: Node, where: str) -> tuple[str, Package]:
        table = self._table(node, where)
        names = [self._deep(table, "platform", part) for part in ("os", "architecture")]
        if not all(names):
            self._fail(f"{where}.platform", table, "needs os and architecture, so it fits nothing")
        artifact = self._artifact(table, where)
        below = table.entries.get("dependencies")
        tables = below.entries if isinstance(below, Table) else {}
        dependencies = {
            self._dependency(name, child, where): self._artifact(
                self._table(child, f"{where}.dependencies.{name}"), f"{where}.dependencies.{name}"
            )
            for name, child in tables.items()
        }
        return "/".join(names), Package(artifact=artifact, dependencies=dependencies)

    def _dependency(self, name: str, node: Node, where: str) -> str:
        if not _NAME.fullmatch(name):
            self._fail(f"{where}.dependencies", node, f"names {name!r}, which is no file name")
        return name

    def _artifact(self, table: Table, where: str) -> Artifact:
        url = self._text(table, "url", where)
        checksum = self._text(table, "checksum", where, required=False)
        key = "checksum"
        try:
            checksums = (read_checksum(checksum),) if checksum else ()
            key = "url"
            artifact = read_artifact(url, base=self._url)
        except BadLocation as error:
            self._fail(f"{where}.{key}", table, str(error))
        return replace(artifact, checksums=checksums + artifact.checksums)

    def _matching(self, table: Table, key: str, pattern: re.Pattern[str], allowed: str) -> str:
        text = self._text(table, key)
        if not pattern.fullmatch(text):
            self._fail(key, table, f"is {text[:100]!r}; it may only have {allowed}")
        return text

    def _text(self, table: Table, key: str, where: str = "", *, required: bool = True) -> str:
        node = table.entries.get(key)
        value = node.value if isinstance(node, Leaf) else None
        path = f"{where}.{key}" if where else key
        if node is not None and not isinstance(node, Leaf):
            self._fail(path, table, f"is {kind(node)}, not text")
        if required and not value:
            self._fail(path, table, "is missing or empty")
        return str(value or "")

    def _deep(self, table: Table, *path: str) -> str:
        node: Node | None = table
        for part in path:
            node = node.entries.get(part) if isinstance(node, Table) else None
        return str(node.value or "") if isinstance(node, Leaf) else ""

    def _table(self, node: Node, key: str) -> Table:
        if not isinstance(node, Table):
            self._fail(key, node, f"is {kind(node)}, not a map")
        return node

    def _fail(self, key: str, node: Node, text: str) -> NoReturn:
        self._note(key, node.origin.line, text)
        raise _Bad

    def _note(self, key: str, line: int | None, text: str) -> None:
        problem = IndexProblem(entry=self._entry, key=key, line=line, text=text)
        self.problems.append(problem)


def _identity(entry: Entry) -> tuple[str, str, str]:
    # Builds of one version differ after "+" only; "v1" and "1" are the same file to nobody but people.
    return entry.kind, entry.name, entry.version.removeprefix("v")
