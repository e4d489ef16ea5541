"""What is connected and bound."""

from botkube.config.decode.decode import decode
from botkube.config.problem import Findings
from botkube.config.schema.root import Config
from botkube.config.tree.parse import parse
from botkube.config.use import bound_places, connections

TEXT = """
communications:
  g:
    playground: {enabled: true, channels: {c: {bindings: {sources: [s], executors: [e]}}}}
    webhook: {bindings: {sources: [w]}}
    teams: {teams: [{}, {channels: {t: {bindings: {sources: [t]}}}}]}
actions: {a: {enabled: true, bindings: {sources: [s]}}}
"""


def config() -> Config:
    node = parse(TEXT, "f", lambda *_: None, lambda *_: None)
    assert node is not None
    return decode(node, Config, Findings())[0]


def test_every_platform_of_every_group() -> None:
    places = list(connections(config()))
    assert len(places) == 10
    assert [p.path for p in places if p.connection.enabled] == [
        ("communications", "g", "playground")
    ]


def test_everything_that_binds() -> None:
    places = {p.path: p for p in bound_places(config())}
    channel = places["communications", "g", "playground", "channels", "c"]
    assert (channel.enabled, channel.sources, channel.executors) == (True, ("s",), ("e",))
    assert places["communications", "g", "webhook"].sources == ("w",)
    assert places["communications", "g", "teams", "teams", "[1]", "channels", "t"].sources == ("t",)
    assert places["actions", "a"].enabled
    assert not places["communications", "g", "webhook"].enabled
