"""Every field and rule of the index, and everything that may be wrong with one."""

from pathlib import Path

import pytest
import yaml

from botkube.packages.index.entries import Index, IndexUnreadable, parse_index
from botkube.packages.index.locator import Artifact, Checksum

URL = "https://example.test/v1/index.yaml"
SHA256 = "b" * 64
WHOLE = f"""
unknown: {{key: [1, 2]}}
entries:
  - name: kubectl
    type: executor
    description: "Runs kubectl."
    documentationUrl: https://docs.test/kubectl
    version: v1.14.0
    recommended: true
    more: ignored
    jsonSchema: {{value: '{{"type":"object"}}'}}
    urls:
      - url: https://x.test/executor_kubectl_linux_amd64.tar.gz
        checksum: {SHA256}
        platform: {{os: linux, architecture: amd64}}
        dependencies:
          kubectl: {{url: "https://dl.test/kubectl"}}
          gh: {{url: "https://dl.test/gh.tgz//gh/bin", checksum: "sha256:{SHA256}"}}
      - url: relative
        platform: {{os: darwin, architecture: arm64}}
  - name: cm-watcher
    type: source
    version: 1.10
    jsonSchema: {{refURL: https://schemas.test/x}}
    externalRequest: {{payload: {{jsonSchema: {{value: "{{}}"}}}}}}
    urls: [{{url: "https://x.test/s", platform: {{os: linux, architecture: amd64}}}}]
"""


def parsed(text: str) -> Index:
    return parse_index(text.encode(), URL)


def one(**changes: object) -> Index:
    """An index of one entry, with changes."""
    entry: dict[str, object] = {
        "name": "p",
        "type": "executor",
        "version": "v1.0.0",
        "urls": [{"url": "https://x.test/p", "platform": {"os": "linux", "architecture": "amd64"}}],
    }
    entry |= changes
    entry = {key: value for key, value in entry.items() if value is not None}
    return parsed(yaml.safe_dump({"entries": [entry]}))


def with_url(**changes: object) -> Index:
    """An index of one entry with one URL, with changes to that."""
    url: dict[str, object] = {
        "url": "https://x.test/p",
        "platform": {"os": "linux", "architecture": "amd64"},
    }
    url |= changes
    return one(urls=[{key: value for key, value in url.items() if value is not None}])


def test_everything_in_an_index_is_read() -> None:
    index = parsed(WHOLE)
    assert index.problems == ()
    kubectl, watcher = index.entries
    assert (kubectl.kind, kubectl.name, kubectl.version) == ("executor", "kubectl", "v1.14.0")
    assert (kubectl.description, kubectl.recommended) == ("Runs kubectl.", True)
    assert kubectl.documentation_url == "https://docs.test/kubectl"
    assert (kubectl.json_schema, kubectl.json_schema_url) == ('{"type":"object"}', "")
    assert set(kubectl.packages) == {"linux/amd64", "darwin/arm64"}
    assert kubectl.packages["darwin/arm64"].artifact.url == "https://example.test/v1/relative"
    package = kubectl.packages["linux/amd64"]
    assert package.artifact == Artifact(
        url="https://x.test/executor_kubectl_linux_amd64.tar.gz",
        checksums=(Checksum("sha256", SHA256),),
        form="tar.gz",
    )
    assert package.dependencies["kubectl"] == Artifact(url="https://dl.test/kubectl")
    gh = package.dependencies["gh"]
    assert (gh.url, gh.folder) == ("https://dl.test/gh.tgz", "gh/bin")
    assert gh.checksums == (Checksum("sha256", SHA256),)
    assert (watcher.kind, watcher.json_schema_url) == ("source", "https://schemas.test/x")
    assert watcher.payload_schema == "{}"
    assert not watcher.recommended


def test_a_version_is_text_whatever_it_looks_like() -> None:
    assert parsed(WHOLE).entries[1].version == "1.10"


def test_an_absent_an_empty_and_a_null_checksum_are_none() -> None:
    for index in (with_url(), with_url(checksum=""), parsed(WHOLE.replace(SHA256, "null", 1))):
        assert index.problems == ()
        assert index.entries[0].packages["linux/amd64"].artifact.checksums == ()


def test_checksums_of_key_and_url_both_count() -> None:
    index = with_url(url=f"https://x.test/p?checksum=md5:{'c' * 32}", checksum=SHA256)
    sums = index.entries[0].packages["linux/amd64"].artifact.checksums
    assert [s.algorithm for s in sums] == ["sha256", "md5"]


@pytest.mark.parametrize("text", ["entries:\n", "entries: []\n", "entries: ~\n"])
def test_an_empty_index_is_one(text: str) -> None:
    assert parsed(text) == Index(url=URL, entries=())


@pytest.mark.hostile("index")
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "has no entries:"),
        (b"<html><body>404</body></html>", "has no entries:"),
        (b"[]", "has no entries:"),
        (b"apiVersion: v1\n", "has no entries:"),
        (b"entries: text\n", "entries: is text, not a list"),
        (b"entries: {a: b}\n", "entries: is a map, not a list"),
        (b"entries: [\n", "line 2"),
        (b"\xff\xfe", "no UTF-8"),
        (b"\x7fELF\x00\x01", "no index"),
        (b"entries:\n" + b"- {}\n" * 10_001, "more than 10000 entries"),
        (b"a: " + b"[" * 5000, "levels deep"),
        (
            b"a0: &a0 [x]\n"
            + b"".join(b"a%d: &a%d [%s]\n" % (i, i, b"*a%d," % (i - 1) * 9) for i in range(1, 12)),
            "aliases",
        ),
    ],
)
def test_what_is_no_index_says_so_in_one_sentence(content: bytes, words: str) -> None:
    with pytest.raises(IndexUnreadable) as caught:
        parse_index(content, URL)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_byte_order_mark_does_not_matter() -> None:
    assert len(parse_index(b"\xef\xbb\xbf" + WHOLE.encode(), URL).entries) == 2


@pytest.mark.hostile("index")
@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"name": None}, "entries[0]: name is missing or empty"),
        ({"name": ""}, "entries[0]: name is missing or empty"),
        ({"name": "../../etc/x"}, "name is '../../etc/x'; it may only have letters"),
        ({"name": "a/b"}, "name is 'a/b'"),
        ({"name": ".hidden"}, "name is '.hidden'"),
        ({"name": "a\x00b"}, "name is 'a\\x00b'"),
        ({"name": "n" * 101}, "name is 'nnn"),
        ({"name": ["a"]}, "name is a list, not text"),
        ({"type": None}, "entries[0] (p): type is missing or empty"),
        ({"type": "sink"}, "type is 'sink', known are executor and source"),
        ({"version": None}, "version is missing or empty"),
        ({"version": "../1"}, "version is '../1'"),
        ({"version": "1_0"}, "version is '1_0'"),
        ({"version": "9" * 65}, "version is '999"),
        ({"urls": None}, "entries[0] (executor p v1.0.0): urls is missing or empty"),
        ({"urls": []}, "urls is missing or empty"),
        ({"urls": {"url": "x"}}, "urls is missing or empty"),
        ({"description": {"a": 1}}, "description is a map, not text"),
    ],
)
def test_an_entry_with_a_fault_is_left_out_and_named(
    changes: dict[str, object], problem: str
) -> None:
    index = one(**changes)
    assert index.entries == ()
    [found] = index.problems
    assert problem in str(found)
    assert found.line


@pytest.mark.hostile("index")
@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"url": None}, "urls[0].url is missing or empty"),
        ({"url": "s3::https://x.test/p"}, "urls[0].url s3:: is not supported"),
        ({"url": "file:///etc/passwd"}, "urls[0].url names a file of this machine"),
        ({"checksum": "zz"}, "urls[0].checksum is no digest"),
        ({"checksum": ["a"]}, "urls[0].checksum is a list, not text"),
        ({"platform": None}, "urls[0].platform needs os and architecture"),
        ({"platform": {"os": "linux"}}, "urls[0].platform needs os and architecture"),
        ({"platform": "linux"}, "urls[0].platform needs os and architecture"),
        ({"dependencies": {"x": {}}}, "urls[0].dependencies.x.url is missing or empty"),
        ({"dependencies": {"x": "u"}}, "urls[0].dependencies.x is text, not a map"),
        ({"dependencies": {"../x": {"url": "u"}}}, "urls[0].dependencies names '../x'"),
        ({"dependencies": {"x": {"url": "u", "checksum": "1"}}}, "dependencies.x.checksum is no"),
        ({"dependencies": {"x": {"url": "ftp://u/v"}}}, "dependencies.x.url ftp:// is not"),
    ],
)
def test_a_url_with_a_fault_is_left_out_and_named(changes: dict[str, object], problem: str) -> None:
    index = with_url(**changes)
    [entry] = index.entries
    assert entry.packages == {}
    [found] = index.problems
    assert problem in str(found)
    assert "entries[0] (executor p v1.0.0)" in str(found)


def test_one_bad_entry_costs_no_other() -> None:
    index = parsed(WHOLE.replace("type: source", "type: what"))
    assert [entry.name for entry in index.entries] == ["kubectl"]
    assert len(index.problems) == 1


def test_one_version_twice_is_neither() -> None:
    again = WHOLE.split("entries:\n")[1].split("  - name: cm", maxsplit=1)[0]
    index = parsed(WHOLE + again.replace("v1.14.0", "1.14.0") + again.replace("v1.14.0", "v1.13.0"))
    assert [(e.name, e.version) for e in index.entries] == [
        ("cm-watcher", "1.10"),
        ("kubectl", "v1.13.0"),
    ]
    assert str(index.problems[0]) == (
        "executor kubectl 1.14.0: version is there 2 times, none of them is used"
    )


def test_one_platform_twice_is_named() -> None:
    url = {"url": "https://x.test/a", "platform": {"os": "linux", "architecture": "amd64"}}
    index = one(urls=[url, {**url, "url": "https://x.test/b"}])
    assert "urls[1].platform is linux/amd64 again" in str(index.problems[0])


def test_a_key_twice_is_named() -> None:
    index = parsed(WHOLE.replace("type: executor", "type: executor\n    type: source"))
    assert "type is there twice" in str(index.problems[0])


def test_problems_have_an_end() -> None:
    index = parsed("entries:\n" + "- {name: x}\n" * 5000)
    assert index.entries == ()
    assert len(index.problems) == 100


def test_the_indexes_of_the_original_are_read_whole() -> None:
    """The shape that its builder writes, `jsonSchema: {}` and all."""
    text = Path(__file__).with_name("original-index.yaml").read_text()
    index = parsed(text)
    assert index.problems == ()
    assert {(e.kind, e.name) for e in index.entries} == {
        ("executor", "gh"),
        ("executor", "kubectl"),
        ("source", "kubernetes"),
    }
    assert all(entry.packages for entry in index.entries)
