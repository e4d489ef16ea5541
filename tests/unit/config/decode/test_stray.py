"""Which variables are somebody's mistake, and what was meant."""

import pytest

from botkube.config.decode.shape import struct_shape
from botkube.config.decode.stray import OWN, report_strays
from botkube.config.environment import environment_layer, key_of
from botkube.config.problem import Findings
from botkube.config.schema.root import Config
from botkube.config.tree.node import Origin, Table


def said(name: str, value: str = "x") -> list[str]:
    layer = environment_layer({name: value}, Table({}, Origin("none")))
    findings = Findings()
    for key, node in layer.entries.items():
        report_strays(node, key, struct_shape(Config), (), findings)
    return [problem.fix for problem in findings.problems()]


@pytest.mark.parametrize("name", sorted(OWN))
def test_what_the_program_reads_itself_is_silent(name: str) -> None:
    assert key_of(name)
    assert said(name) == []


@pytest.mark.parametrize(
    ("name", "value", "silent"),
    [
        ("BOTKUBE_WEB_PORT", "udp://10.0.0.1:53", True),
        ("BOTKUBE_WEB_PORT", "2112", False),
        ("BOTKUBE_WEB_PORT_53_UDP_PROTO", "udp", True),
        ("BOTKUBE_SERVICE_PORT_METRICS", "80", True),
        ("BOTKUBE_WEB_SERVICE_HOSTS", "x", False),
    ],
)
def test_what_kubernetes_gives_is_silent(name: str, value: str, *, silent: bool) -> None:
    assert (said(name, value) == []) is silent
