"""The configuration of built-in plugins is read before they are started."""

from pathlib import Path

import pytest

from botkube.app.builtinconfig import check_builtin_configs
from botkube.builtin.registry import NAMES, config_class
from botkube.config import Problem, load

BEAT = """\
communications: {g: {playground: {enabled: true, channels: {c: {name: c, bindings: {sources: [beat]}}}}}}
sources:
  beat:
    builtin/heartbeat:
      enabled: true
      config:
"""


def problems(folder: Path, text: str) -> tuple[Problem, ...]:
    path = folder / "c.yaml"
    path.write_text(text)
    return load([path], {}, check_builtin_configs).problems


@pytest.mark.parametrize(
    ("config", "key", "line", "text"),
    [
        ("{interval: ten}", ".interval", 6, "'ten' is not a duration"),
        ("{text: hi,\n        burst: 0}", ".burst", 7, "is 0, expected"),
        ("{level: loud}", ".level", 6, 'is "loud", expected one of error, info'),
        ("ten", "", 6, "a mapping is expected, not str"),
    ],
)
def test_what_does_not_fit_is_an_error_with_its_key(
    tmp_path: Path, config: str, key: str, line: int, text: str
) -> None:
    (problem,) = problems(tmp_path, BEAT.replace("config:", f"config: {config}"))
    assert problem.severity == "error"
    assert problem.key == f"sources.beat.builtin/heartbeat.config{key}"
    assert problem.line == line
    assert problem.text.startswith(text)


@pytest.mark.parametrize("config", ["", " {}", " {interval: 10s, burst: 2}"])
def test_what_fits_and_what_is_off_is_good(tmp_path: Path, config: str) -> None:
    assert problems(tmp_path, BEAT.replace("config:", f"config:{config}")) == ()
    off = BEAT.replace("enabled: true\n", "enabled: false\n").replace(
        "config:", "config: {burst: x}"
    )
    assert [p.severity for p in problems(tmp_path, off)].count("error") == 0


def test_every_built_in_plugin_has_a_class_for_it() -> None:
    assert all(isinstance(config_class(name), type) for name in NAMES)
    with pytest.raises(LookupError):
        config_class("other")


def test_a_key_that_nobody_knows_is_a_warning(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, BEAT.replace("config:", "config: {intervals: 3s}"))
    assert (problem.severity, problem.text) == (
        "warning",
        "is no key of this plugin, and is ignored",
    )
    assert problem.key.endswith(".config.intervals")
    assert problem.fix == 'did you mean "interval"?'
    (problem,) = problems(tmp_path, BEAT.replace("config:", "config: {xyz: 1}"))
    assert problem.fix.startswith("leave it out; there are interval, ")
