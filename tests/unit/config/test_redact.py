"""The configuration as it may be shown."""

import msgspec

from botkube.config.decode.decode import decode
from botkube.config.problem import Findings
from botkube.config.redact import MARKER, redact
from botkube.config.schema.root import Config
from botkube.config.tree.parse import parse

TEXT = """
plugins:
  repositories: {r: {headers: {Authorization: hush1}}}
  incomingWebhook: {token: hush9, hmac: {secret: hush10, header: X}}
sources: {s: {incomingWebhook: {token: hush11, hmac: {secret: hush12}}}}
executors:
  t:
    displayName: T
    r/ai: {config: {openAIApiKey: hush2, list: [{password: hush3}], model: m, maxTokens: 5}}
communications:
  g:
    socketSlack: {botToken: xoxb-hush4, proxy: "http://u:hush5@p"}
    webhook: {url: https://hush6}
    pagerDuty: {integrationKey: hush7}
    elasticsearch: {username: me, password: hush8}
"""


def shown() -> dict[str, object]:
    node = parse(TEXT, "f", lambda *_: None, lambda *_: None)
    assert node is not None
    value = redact(decode(node, Config, Findings())[0])
    assert isinstance(value, dict)
    return value


def test_no_secret_is_shown() -> None:
    text = msgspec.json.encode(shown()).decode()
    assert "hush" not in text
    assert text.count(MARKER) == 12


def test_the_shape_is_that_of_the_file() -> None:
    executors = shown()["executors"]
    assert executors == {
        "t": {
            "displayName": "T",
            "r/ai": {
                "enabled": False,
                "config": {
                    "openAIApiKey": MARKER,
                    "list": [{"password": MARKER}],
                    "model": "m",
                    "maxTokens": 5,
                },
                "context": {"rbac": None},
            },
        }
    }


def test_what_is_not_set_is_not_marked() -> None:
    communications = redact(Config())
    assert MARKER not in str(communications)
