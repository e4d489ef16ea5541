"""Loads a configuration: defaults, then files, then the environment; decoded, checked, with every problem found.

Blocking (it reads files). It raises nothing about what the files say; an unusable configuration is None plus problems.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path

import msgspec

from botkube.config.check import check_config
from botkube.config.decode.canonical import canonical
from botkube.config.decode.decode import decode
from botkube.config.decode.shape import struct_shape
from botkube.config.environment import environment_layer
from botkube.config.paths import last_ones_last
from botkube.config.problem import Finding, Findings, Problem
from botkube.config.problem import Path as KeyPath
from botkube.config.schema.root import Config
from botkube.config.source import Unreadable, read_file
from botkube.config.tree.merge import merge
from botkube.config.tree.node import Leaf, Node, Origin, Table, locate

EMBEDDED = Path(__file__).with_name("default.yaml")
_DEFAULTS: Mapping[str, object] = {
    "settings": {
        "systemConfigMap": {"name": "botkube-system", "namespace": "botkube"},
        "informersResyncPeriod": "30m",
        "log": {"level": "info"},
    },
    "configWatcher": {"remote": {"pollInterval": "15s"}},
}


Rule = Callable[[Config], Iterable[Finding]]


def _no_more(_config: Config) -> Iterable[Finding]:
    return ()


class Loaded(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of loading: a configuration unless there are errors, and everything there is to say about it."""

    config: Config | None
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that keep it from being used."""
        return tuple(p for p in self.problems if p.severity == "error")

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """The problems that are only worth knowing."""
        return tuple(p for p in self.problems if p.severity == "warning")


def load(paths: Sequence[Path], environ: Mapping[str, str], more: Rule = _no_more) -> Loaded:
    """Load files in order (`_…` last) with the environment over them; nothing is loaded in place of no files.

    `more` are rules beside those of this package, about what only others know.
    """
    return _load([(file, str(file)) for file in last_ones_last(paths)], environ, more)


def embedded_default(environ: Mapping[str, str] | None = None, more: Rule = _no_more) -> Loaded:
    """Load the configuration that holds when nobody gave one; the environment applies to it too."""
    return _load([(EMBEDDED, f"{EMBEDDED.name} (built in)")], environ or {}, more)


def _load(files: Sequence[tuple[Path, str]], environ: Mapping[str, str], more: Rule) -> Loaded:
    findings = Findings()
    tree = _defaults(environ)
    complete = True
    for file, label in files:
        try:
            layer = read_file(file, label, findings)
        except Unreadable as unreadable:
            findings.add(unreadable.finding, unreadable.origin)
            complete = False
        else:
            tree = merge(tree, canonical(layer, struct_shape(Config), (), findings))
    variables = environment_layer(environ, tree)
    tree = merge(tree, canonical(variables, struct_shape(Config), (), findings))
    config, broken = decode(tree, Config, findings)
    if complete:  # else what seems to be missing may be in the file that cannot be read
        for finding in _unrelated(chain(check_config(config), more(config)), broken):
            findings.add(finding, locate(tree, finding.path))
    order = _by_place([label for _, label in files])
    problems = tuple(sorted(findings.problems(), key=order))
    return Loaded(config=None if findings.errors else config, problems=problems)


def _by_place(labels: Sequence[str]) -> Callable[[Problem], tuple[int, int]]:
    ranks = {label: rank for rank, label in enumerate(labels)}
    return lambda problem: (ranks.get(problem.file, len(ranks)), problem.line or 0)


def _defaults(environ: Mapping[str, str]) -> Node:
    in_a_cluster = environ.get("KUBERNETES_SERVICE_HOST")
    host = "0.0.0.0" if in_a_cluster else "127.0.0.1"  # noqa: S104 - probes come from other hosts
    return merge(_node(_DEFAULTS), _node({"settings": {"http": {"host": host}}}))


def _node(value: object) -> Node:
    origin = Origin("configuration")
    if isinstance(value, Mapping):
        return Table({key: _node(child) for key, child in value.items()}, origin)
    return Leaf(str(value), origin)


def _unrelated(findings: Iterable[Finding], broken: frozenset[KeyPath]) -> Iterator[Finding]:
    for finding in findings:
        if not any(finding.path[: len(path)] == path for path in broken):
            yield finding
