"""What a plugin writes is kept for whoever asks, by kind and key, as it is logged."""

import json
import logging

from botkube.app.pluginlogs import keeping
from botkube.model.plugin import parse_plugin_key
from botkube.plugins import output
from botkube.plugins.output import PluginOutput

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
    assert not output.log.handlers


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
