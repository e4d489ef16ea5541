"""Configuration → channels of chats."""

from botkube.app.build import build
from botkube.app.chats import slack_platforms
from botkube.config import Config
from botkube.config.decode.decode import decode
from botkube.config.problem import Findings
from botkube.config.tree.parse import parse
from botkube.model.command import Address

TEXT = """
sources: {beat: {r/beat: {enabled: true}}}
executors: {tools: {r/kubectl: {enabled: true}}, ai: {r/ai: {enabled: true}}}
communications:
  g:
    socketSlack:
      enabled: true
      channels:
        one:
          name: " # ops"
          bindings: {sources: [beat], executors: [tools]}
          messageTriggers:
            - {event: ChannelMessage, command: ai x, executors: [ai], text: {include: [x], exclude: [y]},
               users: {exclude: ["U1:ann"]}, processedEmojiIndicator: ":robot_face:"}
            - {event: ChannelMessage, command: ai y, executors: [ai], processedEmojiIndicator: ""}
        two: {name: quiet, notification: {disabled: true}}
    playground: {enabled: true, channels: {a: {name: ops}}}
  h: {socketSlack: {enabled: false, channels: {a: {name: x}}}}
"""


def config() -> Config:
    node = parse(TEXT, "f", lambda *_: None, lambda *_: None)
    assert node is not None
    return decode(node, Config, Findings())[0]


def test_the_channels_of_slack() -> None:
    (slack,) = slack_platforms(config())
    assert slack.name == "g-socketSlack"
    assert list(slack.rooms) == ["ops", "quiet"]
    ops, quiet = slack.channels
    assert ops.address == Address(platform="g-socketSlack", channel="ops")
    assert (ops.target, quiet.target) == ("g-socketSlack:one", "g-socketSlack:two")
    assert (ops.muted, quiet.muted) == (False, True)
    assert [str(b.key) for b in ops.executors] == ["r/kubectl"]


def test_a_trigger_has_a_place_of_its_own_with_its_own_executors() -> None:
    (slack,) = slack_platforms(config())
    first, second = slack.rooms["ops"].triggers
    assert (first.command, first.include, first.exclude) == ("ai x", ("x",), ("y",))
    assert (first.users, first.done, second.done) == (frozenset({"U1"}), "robot_face", "")
    assert [str(b.key) for b in first.channel.executors] == ["r/ai"]
    assert first.channel.target == "g-socketSlack:one"
    plan = build(config())
    assert plan.routes.channel(first.channel.address) == first.channel
    assert [str(key) for key in plan.plugins] == ["r/ai", "r/kubectl", "r/beat"]


def test_platforms_share_no_channel_though_it_has_the_same_name() -> None:
    plan = build(config())
    assert [channel.target for channel in plan.chats] == [
        "g-playground:a",
        "g-socketSlack:one",
        "g-socketSlack:two",
    ]
    assert plan.routes.targets == {"beat": ("g-socketSlack:one",)}
    assert plan.sources[0].interactive
    assert set(plan.by_target) == {"g-playground:a", "g-socketSlack:one", "g-socketSlack:two"}
