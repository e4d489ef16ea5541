"""Reads one YAML document into nodes, driven by libyaml's events so that nesting and aliases have bounds.

Only the first document of a file is read; a second one is pointed out. Duplicate keys are errors, all of them are reported; a syntax error ends
the file. Merge keys (`<<`) and anchors work as in Go's yaml.v3.
"""

from collections.abc import Callable, Iterator
from typing import NoReturn

import yaml

from botkube.config.tree.node import Items, Leaf, Node, Origin, Scalar, Table, moved
from botkube.config.tree.scalars import resolve, text_of

Report = Callable[[int, tuple[str, ...], str, str], None]
"""Takes line, key path, text and fix of a problem that does not end the file."""

MAX_DEPTH = 100
MAX_WEIGHT = 200_000
_CHARACTERS_PER_NODE = 32
_CORE = "tag:yaml.org,2002:"
_RESOLVED_TAGS = {f"{_CORE}{name}" for name in ("int", "float", "bool", "null")}


class BadYaml(Exception):
    """The file cannot be read on from `line`."""

    def __init__(self, line: int | None, text: str, fix: str) -> None:
        super().__init__(text)
        self.line, self.text, self.fix = line, text, fix


def parse(
    text: str,
    file: str,
    report: Report,
    warn: Report,
    scalar: Callable[[str], Scalar] = resolve,
) -> Node | None:
    """Return the first document's content, or None if there is nothing in it.

    `scalar` says what an unquoted text is; keys are text in any case.

    Raises: BadYaml.
    """
    try:
        return _Composer(text, file, report, scalar).document(warn)
    except yaml.MarkedYAMLError as error:
        raise _described(error, text) from error
    except yaml.YAMLError as error:
        raise BadYaml(
            _line_of_control(text),
            "holds a control character",
            "remove the character or write it as an escape such as \\u0007 in double quotes",
        ) from error


class _Composer:
    """Builds nodes from events; owns the anchors and the weight of the document."""

    def __init__(
        self, text: str, file: str, report: Report, scalar: Callable[[str], Scalar]
    ) -> None:
        self._events = yaml.CSafeLoader(text)
        self._file = file
        self._report = report
        self._scalar = scalar
        self._anchors: dict[str, tuple[Node, int]] = {}
        self._weight = 0

    def document(self, warn: Report) -> Node | None:
        self._next()  # the start of the stream
        if isinstance(self._next(), yaml.StreamEndEvent):
            return None
        node = self._node(self._next(), ())
        self._next()  # the end of the document: text after it would be a syntax error
        if line := self._second_document():
            text = "a second YAML document begins here; it is not read, as in the original"
            warn(line, (), text, "put it into a file of its own and name both with --config")
        return node

    def _second_document(self) -> int:
        """The line where another document with content begins; 0 if none does. It need not be valid."""
        line = 0
        try:
            event = self._next()
            if isinstance(event, yaml.DocumentStartEvent) and event.start_mark:
                line = event.start_mark.line + 1
                return 0 if _is_empty(self._next()) else line
        except yaml.YAMLError:
            return line
        return 0

    def _next(self) -> yaml.Event:
        event = self._events.get_event()
        if event is None:
            raise AssertionError(self._file)  # nobody reads past the end of the document
        return event

    def _node(self, event: yaml.Event, path: tuple[str, ...]) -> Node:
        origin = Origin(self._file, event.start_mark.line + 1 if event.start_mark else None)
        if len(path) > MAX_DEPTH:
            _stop(origin, f"is nested more than {MAX_DEPTH} levels deep", "flatten it")
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, origin)
        before = self._weight
        self._weigh(1, origin)
        node = self._content(event, path, origin)
        anchor = getattr(event, "anchor", None)
        if anchor is not None:
            self._anchors[anchor] = node, self._weight - before
        return node

    def _content(self, event: yaml.Event, path: tuple[str, ...], origin: Origin) -> Node:
        if isinstance(event, yaml.MappingStartEvent):
            return self._table(path, origin)
        if isinstance(event, yaml.SequenceStartEvent):
            children = enumerate(self._until(yaml.SequenceEndEvent))
            return Items(tuple(self._node(e, (*path, f"[{i}]")) for i, e in children), origin)
        if isinstance(event, yaml.ScalarEvent):
            self._weigh(len(event.value) // _CHARACTERS_PER_NODE, origin)
            unquoted = event.implicit[0] or event.tag in _RESOLVED_TAGS
            return Leaf(self._scalar(event.value) if unquoted else event.value, origin)
        raise AssertionError(event)  # libyaml sends nothing else inside a document

    def _table(self, path: tuple[str, ...], origin: Origin) -> Table:
        entries: dict[str, Node] = {}
        merged: list[Table] = []
        for event in self._until(yaml.MappingEndEvent):
            if _is_merge(event):
                merged += _tables(self._node(self._next(), (*path, "<<")))
                continue
            key = self._node(event, (*path, "?"))
            name = _key_text(key)
            value = moved(self._node(self._next(), (*path, name)), key.origin)
            if name in entries:
                self._duplicate((*path, name), key.origin, entries[name].origin)
            else:
                entries[name] = value
        for table in merged:
            for name, value in table.entries.items():
                entries.setdefault(name, value)
        return Table(entries, origin)

    def _until(self, end: type[yaml.Event]) -> Iterator[yaml.Event]:
        while not isinstance(event := self._next(), end):
            yield event

    def _alias(self, event: yaml.AliasEvent, origin: Origin) -> Node:
        if event.anchor not in self._anchors:
            _stop(origin, f"the anchor &{event.anchor} is not defined above", "define it first")
        node, weight = self._anchors[event.anchor]
        self._weigh(weight, origin)
        return moved(node, origin)

    def _weigh(self, weight: int, origin: Origin) -> None:
        self._weight += weight
        if self._weight > MAX_WEIGHT:
            _stop(
                origin,
                f"has more than {MAX_WEIGHT} values once its aliases are expanded",
                "use fewer aliases, or a smaller file",
            )

    def _duplicate(self, path: tuple[str, ...], here: Origin, first: Origin) -> None:
        self._report(
            here.line or 0,
            path,
            f"the key is already defined in line {first.line}",
            "remove one of the two, or put the content of both under one key",
        )


def _is_empty(event: yaml.Event) -> bool:
    return isinstance(event, yaml.ScalarEvent) and not event.value and event.implicit[0]


def _is_merge(event: yaml.Event) -> bool:
    return isinstance(event, yaml.ScalarEvent) and event.value == "<<" and event.implicit[0]


def _tables(node: Node) -> list[Table]:
    parts = node.items if isinstance(node, Items) else (node,)
    tables = [part for part in parts if isinstance(part, Table)]
    if len(tables) < len(parts):
        _stop(node.origin, "<< takes a map or a list of maps", "write <<: *anchor")
    return tables


def _key_text(key: Node) -> str:
    if not isinstance(key, Leaf):
        _stop(key.origin, "a map or list cannot be a key", "write the key as text")
    return text_of(key.value)


def _stop(origin: Origin, text: str, fix: str) -> NoReturn:
    raise BadYaml(origin.line, text, fix)


def _described(error: yaml.MarkedYAMLError, text: str) -> BadYaml:
    mark, began = error.problem_mark, error.context_mark
    words = " ".join(filter(None, (error.context, error.problem)))
    if mark is None:
        return BadYaml(None, f"is not valid YAML: {words}", _hint(words, ""))
    if began is not None and began.line < mark.line:
        words += f" (begun in line {began.line + 1})"
    culprit = text.split("\n")[mark.line :][:1]
    character = culprit[0][mark.column : mark.column + 1] if culprit else ""
    return BadYaml(mark.line + 1, f"is not valid YAML: {words}", _hint(words, character))


def _hint(words: str, culprit: str) -> str:
    if culprit == "\t" or "tab character" in words:
        return "indent with spaces, YAML allows no tabs"
    if "cannot start any token" in words:
        return f"put the value that starts with {culprit} in quotes"
    if "mapping values are not allowed" in words:
        return "check the indentation, and quote a value that contains ': '"
    return "check indentation, quotes and brackets in and above this line"


def _line_of_control(text: str) -> int | None:
    for number, line in enumerate(text.split("\n"), 1):
        if any(not c.isprintable() and c not in "\t\r\x85\xa0" for c in line):
            return number
    return None
