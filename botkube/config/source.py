"""Reads one configuration file into nodes."""

from pathlib import Path

from botkube.config.problem import Findings, error, warning
from botkube.config.problem import Path as KeyPath
from botkube.config.tree.node import Leaf, Origin, Table, kind
from botkube.config.tree.parse import BadYaml, parse

MAX_BYTES = 4 << 20


class Unreadable(Exception):
    """A file contributes nothing because it cannot be read; says what is wrong with it."""

    def __init__(self, origin: Origin, text: str, fix: str) -> None:
        super().__init__(text)
        self.origin = origin
        self.finding = error((), text, fix)


def read_file(file: Path, label: str, findings: Findings) -> Table:
    """Return the file's content; what is wrong without making it unreadable is added to the findings.

    Raises: Unreadable.
    """

    def report(line: int, path: KeyPath, text: str, fix: str) -> None:
        findings.add(error(path, text, fix), Origin(label, line))

    def warn(line: int, path: KeyPath, text: str, fix: str) -> None:
        findings.add(warning(path, text, fix), Origin(label, line))

    try:
        node = parse(_text(file, label), label, report, warn)
    except BadYaml as bad:
        raise Unreadable(Origin(label, bad.line), bad.text, bad.fix) from bad
    if isinstance(node, Table):
        return node
    if node is None or node == Leaf(None, node.origin):
        return Table({}, Origin(label))
    fix = "write sections such as settings: at its beginning"
    raise Unreadable(node.origin, f"the file must hold a map, not {kind(node)}", fix)


def _text(file: Path, label: str) -> str:
    content = _content(file, Origin(label))
    if len(content) > MAX_BYTES:
        fix = "split it, or check that it is the right file"
        raise Unreadable(Origin(label), f"the file is larger than {MAX_BYTES >> 20} MiB", fix)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        fix = "save it as UTF-8"
        raise Unreadable(Origin(label, line), "the file is not UTF-8 text", fix) from error


def _content(file: Path, origin: Origin) -> bytes:
    try:
        if file.is_dir():
            fix = "name a file, or put *.yaml files into it"
            raise Unreadable(origin, "the folder holds no *.yaml file that can be read", fix)
        with file.open("rb") as opened:
            return opened.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise Unreadable(origin, f"cannot be read: {reason}", _readable(error)) from error


def _readable(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "check the path (--config, BOTKUBE_CONFIG_PATHS)"
    return "make it a file that this user may read"
