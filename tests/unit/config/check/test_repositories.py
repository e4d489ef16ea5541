"""Rules on where plugins come from."""

import base64
from collections.abc import Callable, Iterator

import pytest

from botkube.config.check.repositories import check_repositories
from botkube.config.problem import Finding
from botkube.config.schema.plugins import PluginSettings, Repository
from botkube.config.schema.root import Config

Run = Callable[[Callable[[Config], Iterator[Finding]], str], list[tuple[str, str, str]]]

KEY = base64.b64encode(b"Ed" + bytes(40)).decode()
OTHER = base64.b64encode(b"XX" + bytes(40)).decode()
GOOD = "url: 'https://a.b/i.yaml'"


def repositories(text: str) -> str:
    return f"plugins: {{repositories: {{{text}}}}}"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("builtin", "is the name of the plugins that come with Botkube"),
        ("objects", "is the name of a folder that the plugin cache has already"),
        ("downloads", "is the name of a folder that the plugin cache has already"),
        ("locks", "is the name of a folder that the plugin cache has already"),
        ("a/b", "is no name for a repository"),
        (".a", "is no name for a repository"),
        ("''", "is no name for a repository"),
    ],
)
def test_names_that_cannot_be(run: Run, name: str, words: str) -> None:
    [(severity, key, text)] = run(check_repositories, repositories(f"{name}: {{{GOOD}}}"))
    assert severity == "error"
    assert key.startswith("plugins.repositories.")
    assert words in text


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("index.yaml", "is not the URL of an index"),
        ("/srv/index.yaml", "is not the URL of an index"),
        ("s3://bucket/index.yaml", "is not the URL of an index"),
        ("github.com/a/b", "is not the URL of an index"),
        ("https://ann:secret@a/index.yaml", "holds a user or a password"),
        ("https:///index.yaml", "names no host"),
        ("https://a:0/index.yaml", "names no host"),
        ("https://a:x/index.yaml", "is not a URL"),
        ("file://host/index.yaml", "is not file:///PATH"),
    ],
)
def test_urls_that_lead_nowhere(run: Run, url: str, words: str) -> None:
    assert run(check_repositories, repositories(f"r: {{url: '{url}'}}")) == [
        ("error", "plugins.repositories.r.url", words)
    ]
    found = run(check_repositories, repositories(f"r: {{{GOOD}, mirrors: ['{url}']}}"))
    assert found == [("error", "plugins.repositories.r.mirrors[0]", words)]


@pytest.mark.parametrize(
    ("url", "value"), [("ftp://u:p@a/i", None), ("ftp://a/i?token=t", None), ("ftp://a", "ftp://a")]
)
def test_a_url_that_may_hold_a_password_is_not_shown(url: str, value: str | None) -> None:
    settings = PluginSettings(repositories={"r": Repository(url=url)})
    [finding] = check_repositories(Config(plugins=settings))
    assert finding.value == value


@pytest.mark.parametrize(
    ("text", "key", "words"),
    [
        ("policy: always", "policy", "is no known policy"),
        ("publicKey: 'RWQ'", "publicKey", "is no public key of minisign"),
        (f"publicKey: {OTHER}", "publicKey", "is no public key of minisign"),
        ("publicKey: ' '", "publicKey", "is no public key of minisign"),
        ("policy: require", "publicKey", "required field while policy is require"),
        ("policy: Warn", "publicKey", "required field while policy is warn"),
    ],
)
def test_signatures_that_prove_nothing(run: Run, text: str, key: str, words: str) -> None:
    found = run(check_repositories, repositories(f"r: {{{GOOD}, signature: {{{text}}}}}"))
    assert ("error", f"plugins.repositories.r.signature.{key}") in [each[:2] for each in found]
    assert any(words in each[2] for each in found)


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        "url: 'http://10.0.0.1:8080/i.yaml', mirrors: ['file:///srv/i.yaml']",
        "mirrors: ['https://a.b/i.yaml']",
        f"{GOOD}, signature: {{publicKey: {KEY}}}",
        f"{GOOD}, signature: {{publicKey: {KEY}, policy: WARN}}",
        f'{GOOD}, signature: {{publicKey: "untrusted comment: minisign\\n{KEY}\\n"}}',
        f"{GOOD}, signature: {{policy: 'off'}}",
        f"{GOOD}, proxy: 'http://u:p@proxy:3128', caFile: ca.pem, headers: {{X-Token: t}}",
    ],
)
def test_good_repositories(run: Run, text: str) -> None:
    assert run(check_repositories, repositories(f"botkube: {{{text}}}")) == []


@pytest.mark.parametrize(
    ("text", "key", "words"),
    [
        ("proxy: 'socks5://p:1'", "proxy", "is not the URL of a proxy"),
        ("proxy: 'proxy:3128'", "proxy", "is not the URL of a proxy"),
        ("caFile: '~/ca.pem'", "caFile", "begins with ~"),
        ("headers: {'a b': x}", "headers.a b", "is no name of a header"),
    ],
)
def test_ways_to_reach_it_that_cannot_be(run: Run, text: str, key: str, words: str) -> None:
    [(severity, found, said)] = run(check_repositories, repositories(f"r: {{{GOOD}, {text}}}"))
    assert (severity, found) == ("error", f"plugins.repositories.r.{key}")
    assert words in said


def test_a_repository_without_a_url_is_of_no_use(run: Run) -> None:
    [(severity, key, words)] = run(check_repositories, repositories("r: {}"))
    assert (severity, key) == ("warning", "plugins.repositories.r")
    assert "nothing can be installed from it" in words


def test_enabled_plugins_of_a_repository_that_is_not_there_are_pointed_out(run: Run) -> None:
    text = (
        "executors: {t: {r/p: {enabled: true}, x/p@v1: {enabled: true}, x/q: {}}}\n"
        "sources: {s: {builtin/heartbeat: {enabled: true}}}\n" + repositories(f"r: {{{GOOD}}}")
    )
    [(severity, key, words)] = run(check_repositories, text)
    assert (severity, key) == ("warning", "executors.t.x/p@v1")
    assert words.startswith("there is no repository x")


@pytest.mark.parametrize("name", ["cacheDir", "lockFile"])
def test_paths_are_whole_or_relative_but_not_to_a_home(run: Run, name: str) -> None:
    assert run(check_repositories, f"plugins: {{{name}: a/b}}") == []
    [(severity, key, _)] = run(check_repositories, f"plugins: {{{name}: '~/a'}}")
    assert (severity, key) == ("error", f"plugins.{name}")
