"""What a plugin writes is kept for whoever asks, by kind and key, as it is logged."""

import json
import logging

import pytest

from botkube.app.observe import observer
from botkube.app.plugins.logs import HEARD, keeping
from botkube.model.plugin import parse_plugin_key
from botkube.plugins import output
from botkube.plugins.output import PluginOutput
from botkube.runtime.childspec import ChildFailed, ChildParked, ChildStarted
from botkube.runtime.metrics import Metrics

EXECUTOR = parse_plugin_key("executor", "my.repo/p@v1")
SOURCE = parse_plugin_key("source", "my.repo/p@v1")
OTHER = parse_plugin_key("executor", "r/other")


def test_lines_are_kept_by_plugin_and_only_while_they_are_kept() -> None:
    plugin = PluginOutput(EXECUTOR, lambda: 0.0, logging.DEBUG)
    with keeping([EXECUTOR, SOURCE]) as rings:
        plugin.stderr(b'{"@level":"info","@message":"hello","count":3}\n')
        PluginOutput(OTHER, lambda: 0.0, logging.DEBUG).stderr(b"not in use\n")
        output.log.warning("no plugin's")
        got = rings[EXECUTOR].reader(10).now()
        assert not rings[SOURCE].reader(10).now().lines
    plugin.stderr(b"later\n")
    [line] = map(json.loads, got.lines)
    assert (line["level"], line["msg"], line["count"]) == ("info", "hello", 3)
    assert line["plugin"] == "my.repo/p@v1"
    assert not [log for log in HEARD if log.handlers]


def test_what_is_left_out_of_the_log_is_kept_as_a_line_that_says_so() -> None:
    with keeping([EXECUTOR, SOURCE]) as rings:
        plugin = PluginOutput(EXECUTOR, lambda: 0.0, logging.INFO)
        plugin.stderr(b"x" * (4 << 20))
        plugin.end()
        [line] = rings[EXECUTOR].reader(10).now().lines
        assert not rings[SOURCE].reader(10).now().lines
    assert "prints more than is logged: 4194304 bytes" in json.loads(line)["msg"]


def test_what_is_not_logged_is_not_kept() -> None:
    with keeping([EXECUTOR]) as rings:
        plugin = PluginOutput(EXECUTOR, lambda: 0.0, logging.WARNING)
        plugin.stderr(b'{"@level":"info","@message":"quiet"}\n{"@level":"error","@message":"x"}\n')
        [line] = rings[EXECUTOR].reader(10).now().lines
    assert json.loads(line)["msg"] == "x"


def test_what_its_supervisor_says_of_a_plugin_is_kept(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    observe = observer(Metrics(), keys={"plugin:p": EXECUTOR})
    with keeping([EXECUTOR, SOURCE]) as rings:
        observe(ChildStarted(name="plugin:p"))
        observe(ChildFailed(name="plugin:p", error="it died", delay=1.0, restarts=1))
        observe(ChildParked(name="plugin:p", reason="too often"))
        observe(ChildStarted(name="deliver:p"))
        lines = [json.loads(line) for line in rings[EXECUTOR].reader(10).now().lines]
        assert not rings[SOURCE].reader(10).now().lines
    assert [line["msg"] for line in lines] == [
        "plugin:p is up",
        "plugin:p failed: it died, again in 1.0 s",
        "plugin:p is given up for now: too often",
    ]
    assert {line["plugin"] for line in lines} == {"my.repo/p@v1"}
    assert lines[1]["restarts"] == 1
