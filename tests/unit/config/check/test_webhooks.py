"""Rules on incoming webhooks."""

from collections.abc import Callable, Iterator
from functools import partial

import pytest

from botkube.config.check.webhooks import check_listen, check_webhooks
from botkube.config.problem import Finding
from botkube.config.schema.root import Config

Run = Callable[[Callable[[Config], Iterator[Finding]], str], list[tuple[str, str, str]]]

OPEN = "settings: {http: {listen: '0.0.0.0:2110'}}\n"
SOURCES = "sources: {a: {r/p: {enabled: true}}, b: {r/p: {}}}\n"
PARTLY = "sources: {a: {incomingWebhook: {token: x}}, c: {r/p: {enabled: true}}}\n"
GUARDED = "sources: {a: {incomingWebhook: {token: x}}, b: {incomingWebhook: {hmac: {secret: y}}}}\n"


@pytest.mark.parametrize(
    ("text", "key", "words"),
    [
        ("timeout: 0s", "timeout", "must be longer than zero"),
        ("maxSize: 0", "maxSize", "is no size for a request"),
        ("maxSize: 5MiB", "maxSize", "is no size for a request"),
        ("token: ''", "token", "is empty"),
        ("hmac: {header: x}", "hmac.secret", "secret is a required field"),
        ("hmac: {secret: s, algorithm: md5}", "hmac.algorithm", "is no known algorithm"),
        ("hmac: {secret: s, header: 'a b'}", "hmac.header", "is no name of a header"),
    ],
)
def test_errors(run: Run, text: str, key: str, words: str) -> None:
    found = run(check_webhooks, f"plugins: {{incomingWebhook: {{{text}}}}}")
    assert found == [("error", f"plugins.incomingWebhook.{key}", words)]


@pytest.mark.parametrize("text", ["token: ''", "hmac: {secret: ''}"])
def test_a_source_of_its_own_way_is_checked_too(run: Run, text: str) -> None:
    [(severity, key, _)] = run(check_webhooks, f"sources: {{s: {{incomingWebhook: {{{text}}}}}}}")
    assert severity == "error"
    assert key.startswith("sources.s.incomingWebhook.")


@pytest.mark.parametrize(
    "text",
    [
        f"{OPEN}{SOURCES}plugins: {{incomingWebhook: {{enabled: true}}}}",
        f"{OPEN}{SOURCES}plugins: {{incomingWebhook: {{port: 1}}}}",
        f"settings: {{http: {{host: '0.0.0.0'}}}}\n{SOURCES}plugins: {{incomingWebhook: {{port: 1}}}}",
        f"{OPEN}{PARTLY}plugins: {{incomingWebhook: {{enabled: true}}}}",
    ],
)
def test_open_to_everybody_is_pointed_out(run: Run, text: str) -> None:
    [(severity, key, words)] = run(check_webhooks, text)
    assert (severity, key) == ("warning", "plugins.incomingWebhook")
    assert "everybody" in words


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        SOURCES,
        f"{OPEN}{SOURCES}",  # nobody said that they are wanted: they are off there
        f"{OPEN}{SOURCES}plugins: {{incomingWebhook: {{enabled: false}}}}",
        f"{OPEN}{SOURCES}plugins: {{incomingWebhook: {{enabled: true, token: x}}}}",
        f"{OPEN}{SOURCES}plugins: {{incomingWebhook: {{enabled: true, hmac: {{secret: x}}}}}}",
        f"{OPEN}{GUARDED}plugins: {{incomingWebhook: {{enabled: true}}}}",
        f"{OPEN}plugins: {{incomingWebhook: {{enabled: true}}}}",
        f"{SOURCES}plugins: {{incomingWebhook: {{enabled: true, port: 1, maxSize: 4MiB}}}}",
        "settings: {http: {listen: '[::1]:1'}}\n" + SOURCES,
        "settings: {http: {listen: 'localhost:1'}}\n" + SOURCES,
        "settings: {http: {listen: nonsense}}\n" + SOURCES,
    ],
)
def test_nothing_to_say(run: Run, text: str) -> None:
    assert run(check_webhooks, text) == []


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (f"{SOURCES}plugins: {{incomingWebhook: {{enabled: true}}}}", 1),
        (f"{OPEN}{SOURCES}plugins: {{incomingWebhook: {{enabled: true}}}}", 0),  # said already
        (f"{SOURCES}plugins: {{incomingWebhook: {{enabled: true, token: x}}}}", 0),
        (SOURCES, 0),
    ],
)
def test_listening_elsewhere_may_open_them(run: Run, text: str, count: int) -> None:
    assert len(run(partial(check_listen, listen="0.0.0.0:1"), text)) == count
    assert run(partial(check_listen, listen="127.0.0.1:1"), text) == []
