"""Sinks in the plan: what they are bound to, and what their settings amount to."""

import pytest

from botkube.app.build import Plan, build
from botkube.app.sinks import cluster_settings, webhook_settings
from botkube.config import Config, redact
from botkube.config.decode.decode import decode
from botkube.config.problem import Findings
from botkube.config.schema.sinks import Elasticsearch, Webhook
from botkube.config.tree.parse import parse
from botkube.config.tree.write import to_yaml
from botkube.engine.events.route import route_event
from botkube.model.event import Event

TEXT = """
sources:
  one: {r/beat: {enabled: true}}
  two: {r/beat: {enabled: true}}
  three: {r/other: {enabled: true}}
communications:
  g:
    playground: {enabled: true, channels: {c: {name: c, bindings: {sources: [one]}}}}
    webhook:
      enabled: true
      url: https://us:urlpw@hooks/path-secret
      headers: {X-Token: header-secret}
      signature: {secret: sign-secret}
      proxy: http://u:proxy-secret@p:1
      timeout: 5s
      bindings: {sources: [one, two]}
    elasticsearch:
      enabled: true
      server: https://us:pw@e:9200
      apiKey: api-secret
      indices:
        a: {name: x, shards: 1, bindings: {sources: [two]}}
        b: {name: y, bindings: {sources: [three]}}
  idle:
    webhook: {url: x, bindings: {sources: [three]}}
"""


def config() -> Config:
    node = parse(TEXT, "f", lambda *_: None, lambda *_: None)
    assert node is not None
    return decode(node, Config, Findings())[0]


@pytest.fixture
def plan() -> Plan:
    return build(config())


def targets(plan: Plan, source: str) -> tuple[str, ...]:
    event = Event(id="e", source=source, message=b"{}", raw=b"null", received_at=0.0)
    return route_event(event, plan.routes, lambda _: False)[0].targets


def test_wh_2_es_6_events_go_where_they_are_bound(plan: Plan) -> None:
    assert targets(plan, "one") == ("g-playground:c", "g-webhook")
    assert targets(plan, "two") == ("g-webhook", "g-elasticsearch:a")
    assert targets(plan, "three") == ("g-elasticsearch:b",)
    assert plan.targets == (
        "g-playground:c",
        "g-webhook",
        "g-elasticsearch:a",
        "g-elasticsearch:b",
    )
    assert [sink.name for sink in plan.sinks] == ["g-webhook", "g-elasticsearch"]
    assert plan.unavailable == ()


def test_a_source_of_a_sink_runs_and_is_interactive_only_for_a_chat(plan: Plan) -> None:
    assert [(s.name, s.interactive) for s in plan.sources] == [
        ("one", True),
        ("three", False),
        ("two", False),
    ]
    assert len(plan.plugins) == 2
    assert {binding.group for binding in plan.bindings} == {"one", "two", "three"}


def test_settings() -> None:
    group = config().communications["g"]
    hook = webhook_settings(group.webhook, {})
    assert hook.url == "https://us:urlpw@hooks/path-secret"
    assert hook.headers == {"X-Token": "header-secret"}
    assert hook.signing is not None
    assert (hook.signing.secret, hook.signing.header) == (b"sign-secret", "X-Hub-Signature-256")
    assert (hook.proxy, hook.timeout, hook.at_once) == ("http://u:proxy-secret@p:1", 5.0, 64)
    assert webhook_settings(Webhook(), {}).signing is None


def test_credentials_in_their_order() -> None:
    elastic = config().communications["g"].elasticsearch
    assert cluster_settings(elastic, {}).authorization == "ApiKey api-secret"
    assert cluster_settings(elastic, {}).server == "https://e:9200"
    plain = Elasticsearch(server="https://us:p%40w@e")
    assert cluster_settings(plain, {}).authorization == "Basic dXM6cEB3"
    named = Elasticsearch(server="https://us:pw@e", username="other")
    assert cluster_settings(named, {}).authorization == "Basic b3RoZXI6"
    assert cluster_settings(Elasticsearch(server="http://e"), {}).authorization == ""
    environ = {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "f"}
    assert cluster_settings(plain, environ).proxy == "http://p:1"


def test_no_secret_is_shown() -> None:
    shown = to_yaml(redact(config().communications)).decode()
    for secret in ("urlpw", "path-secret", "header-secret", "sign-secret", "proxy-secret"):
        assert secret not in shown
    assert "api-secret" not in shown
