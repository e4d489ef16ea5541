"""What a sink's configuration must say."""

from collections.abc import Callable, Iterator

import pytest

from botkube.config.check.sinks import check_sinks
from botkube.config.problem import Finding
from botkube.config.schema.root import Config

Run = Callable[[Callable[[Config], Iterator[Finding]], str], list[tuple[str, str, str]]]

BOUND = "bindings: {sources: [s]}"
WEBHOOK = f"url: 'https://h/x', {BOUND}"
INDEX = f"name: x, {BOUND}"
ELASTIC = f"server: 'https://e:9200', indices: {{a: {{{INDEX}}}}}"


def rows(run: Run, sink: str, text: str) -> list[tuple[str, str]]:
    found = run(check_sinks, f"communications: {{g: {{{sink}: {{enabled: true, {text}}}}}}}")
    start = f"communications.g.{sink}"
    return [(path.removeprefix(start), told) for _, path, told in found]


def test_good_ones_pass(run: Run) -> None:
    more = "headers: {X-A: b}, signature: {secret: s}, maxInFlight: 1, proxy: 'http://u:p@p:1'"
    assert rows(run, "webhook", WEBHOOK) == []
    assert rows(run, "webhook", f"{WEBHOOK}, {more}, timeout: 5s") == []
    assert rows(run, "elasticsearch", ELASTIC) == []
    aws = "awsSigning: {enabled: true, awsRegion: eu-central-1, roleArn: x}"
    assert rows(run, "elasticsearch", f"{ELASTIC}, {aws}, logLevel: info") == []


def test_a_disabled_one_may_be_anything(run: Run) -> None:
    assert run(check_sinks, "communications: {g: {webhook: {url: x}, elasticsearch: {}}}") == []


@pytest.mark.parametrize(
    ("text", "row"),
    [
        (BOUND, (".url", "url is a required field")),
        (f"url: hooks/x, {BOUND}", (".url", "is no URL")),
        (f"url: 'https://h:x/', {BOUND}", (".url", "is no URL")),
        (f"url: 'https://h/a b', {BOUND}", (".url", "is no URL")),
        ("url: 'https://h/x'", ("", "is bound to no source, so nothing is sent")),
        (f"{WEBHOOK}, headers: {{'a b': c}}", (".headers.a b", "is no name of a header")),
        (f"{WEBHOOK}, headers: {{Host: c}}", (".headers.Host", "is set by Botkube itself")),
        (
            f"{WEBHOOK}, headers: {{X-Sig: c}}, signature: {{secret: s, header: x-sig}}",
            (".headers.X-Sig", "is set by Botkube itself"),
        ),
        (
            f'{WEBHOOK}, headers: {{X-A: "b\\nc"}}',
            (".headers.X-A", "has line breaks or control characters in its value"),
        ),
        (f"{WEBHOOK}, signature: {{}}", (".signature.secret", "secret is a required field")),
        (
            f"{WEBHOOK}, signature: {{secret: s, algorithm: md5}}",
            (".signature.algorithm", "is no known algorithm"),
        ),
        (f"{WEBHOOK}, maxInFlight: 0", (".maxInFlight", "is no number of requests")),
        (f"{WEBHOOK}, timeout: 0s", (".timeout", "must be longer than zero")),
        (f"{WEBHOOK}, proxy: 'socks5://p:1'", (".proxy", "is no http:// URL of a proxy")),
    ],
)
def test_webhooks(run: Run, text: str, row: tuple[str, str]) -> None:
    assert rows(run, "webhook", text) == [row]


@pytest.mark.parametrize(
    ("text", "row"),
    [
        (f"indices: {{a: {{{INDEX}}}}}", (".server", "server is a required field")),
        (f"server: e:9200, indices: {{a: {{{INDEX}}}}}", (".server", "is no URL")),
        (
            ELASTIC.replace("//", "//u:pw@"),
            (".server", "has a password in it, which is shown"),
        ),
        ("server: 'http://e'", (".indices", "indices is a required field")),
        (
            f"server: 'http://e', indices: {{a: {{{BOUND}}}}}",
            (".indices.a.name", "name is a required field"),
        ),
        (
            f"server: 'http://e', indices: {{a: {{name: Big, {BOUND}}}}}",
            (".indices.a.name", "is no name of an index"),
        ),
        (
            f"server: 'http://e', indices: {{a: {{{INDEX}, shards: -1}}}}",
            (".indices.a.shards", "must not be below zero"),
        ),
        (
            "server: 'http://e', indices: {a: {name: x}}",
            (".indices.a", "is bound to no source, so nothing is sent"),
        ),
        (
            f"{ELASTIC}, awsSigning: {{enabled: true}}",
            (".awsSigning.awsRegion", "awsRegion is a required field"),
        ),
        (f"{ELASTIC}, username: u, apiKey: k", (".username", "is not used, since apiKey is")),
        (f"{ELASTIC}, logLevel: loud", (".logLevel", "is not a level and is ignored")),
    ],
)
def test_elasticsearch(run: Run, text: str, row: tuple[str, str]) -> None:
    assert rows(run, "elasticsearch", text) == [row]
