"""Names of files and metadata become an index, the same each time, that our own reader takes."""

import pytest
from msgspec.structs import replace

from botkube.packages.errors import PackageRefused
from botkube.packages.index.build import (
    Described,
    Listed,
    check_metadata,
    group,
    render_index,
    scan,
)
from botkube.packages.index.entries import parse_index
from botkube.wire.messages import Metadata

URL = "https://a.test/plugins/index.yaml"
METADATA = Metadata(
    version="1.10",
    description="Says: hello # to all",
    documentation_url="https://a.test/docs",
    recommended=True,
    json_schema='{"type": "object"}',
    external_request_schema='{"type": "array"}',
    dependencies={"jq": {"linux/amd64": "https://b.test/jq", "darwin/arm64": "https://b.test/mac"}},
)
FILES = (
    Listed(file="executor_p_linux_amd64.tar.gz", platform="linux/amd64", sha256="a" * 64),
    Listed(file="executor_p_linux_arm64.tar.gz", platform="linux/arm64", sha256="b" * 64),
)
PLUGIN = Described(kind="executor", name="p", metadata=METADATA, files=FILES)


def test_files_are_plugins_by_their_names() -> None:
    names = [
        "source_b_linux_amd64.exe",
        "executor_a_linux_amd64",
        "executor_a_linux_amd64.tar.gz",
        "executor_a_darwin_arm64.zip",
        "README.md",
        "plugins-index.yaml",
    ]
    files, problems = scan(names)
    assert problems == []
    found = {key: [(f.platform, f.form) for f in mine] for key, mine in group(files).items()}
    assert found == {
        ("executor", "a"): [
            ("darwin/arm64", "zip"),
            ("linux/amd64", ""),
            ("linux/amd64", "tar.gz"),
        ],
        ("source", "b"): [("linux/amd64", "")],
    }
    assert [f.name for f in scan(names, "^b$")[0]] == ["b"]
    with pytest.raises(PackageRefused, match="is no regular expression"):
        scan(names, "(")


@pytest.mark.parametrize(
    "name",
    [
        "executor_a_b_linux_amd64",
        "executor_linux_amd64",
        "executor__linux_amd64",
        "executor.md",
        "executors_a_linux_amd64",
        "executor_a_linux_amd64.sha256",
        "executor_a_linux_amd64.tar.gz.minisig",
        "source_.._linux_amd64",
        "source_a b_linux_amd64",
    ],
)
def test_what_begins_like_one_and_is_none_is_named(name: str) -> None:
    files, problems = scan([name])
    assert files == []
    assert problems == [f"{name}: is not named KIND_NAME_OS_ARCHITECTURE: rename or remove it"]


def test_everything_is_in_the_index_as_its_reader_sees_it() -> None:
    other = replace(PLUGIN, name="a", metadata=Metadata(version="v1", description="x"))
    text = render_index([PLUGIN, other], "https://c.test/files/", URL)
    assert text == render_index([other, PLUGIN], "https://c.test/files", URL)
    first, second = parse_index(text, URL).entries
    assert (first.name, second.name, second.version) == ("a", "p", "1.10")
    assert second.description == METADATA.description
    assert second.documentation_url == METADATA.documentation_url
    assert second.recommended
    assert second.json_schema == METADATA.json_schema
    assert second.payload_schema == METADATA.external_request_schema
    mine = second.packages["linux/amd64"]
    assert mine.artifact.url == "https://c.test/files/executor_p_linux_amd64.tar.gz"
    assert [str(c) for c in mine.artifact.checksums] == ["sha256:" + "a" * 64]
    assert mine.dependencies["jq"].url == "https://b.test/jq"
    assert mine.dependencies["jq"].checksums == ()
    assert second.packages["linux/arm64"].dependencies == {}
    assert b"recommended" not in text.partition(b"name: p")[0]
    assert b"jsonSchema: {}" in text.partition(b"name: p")[0]


def test_digests_of_dependencies_and_places_beside_the_index() -> None:
    known = replace(PLUGIN, checksums={"https://b.test/jq": "c" * 64})
    entry = parse_index(render_index([known], "", URL), URL).entries[0]
    mine = entry.packages["linux/amd64"]
    assert mine.artifact.url == "https://a.test/plugins/executor_p_linux_amd64.tar.gz"
    assert [c.hex for c in mine.dependencies["jq"].checksums] == ["c" * 64]
    schema = Metadata(version="1", description="x", schema_ref_url="https://a.test/schema")
    by_url = replace(PLUGIN, metadata=schema)
    entry = parse_index(render_index([by_url], "", URL), URL).entries[0]
    assert entry.json_schema_url == "https://a.test/schema"


@pytest.mark.parametrize(
    ("metadata", "words"),
    [
        (Metadata(version="", description="x"), "has no version"),
        (Metadata(version="1", description=" "), "has no description"),
        (
            Metadata(version="1", description="x", json_schema="{}", schema_ref_url="https://x"),
            "leave one out",
        ),
        (
            Metadata(version="1", description="x", dependencies={"jq": {"linux/amd64": ""}}),
            "dependency jq for linux/amd64",
        ),
        (
            Metadata(version="1", description="x", dependencies={"jq": {"l/a": "file:///etc/x"}}),
            "names a file of this machine",
        ),
    ],
)
def test_what_a_plugin_must_say(metadata: Metadata, words: str) -> None:
    (problem,) = check_metadata(metadata)
    assert words in problem


@pytest.mark.parametrize(
    ("metadata", "words"),
    [
        (Metadata(version="1_0", description="x"), "version is '1_0'"),
        (Metadata(version="../1", description="x"), "version is '../1'"),
        (
            Metadata(version="1", description="x", dependencies={"../jq": {"linux/amd64": "https://x.test/a"}}),
            "no file name",
        ),
    ],
)  # fmt: skip
def test_an_index_that_our_reader_would_not_take_is_not_written(
    metadata: Metadata, words: str
) -> None:
    with pytest.raises(PackageRefused, match=words):
        render_index([replace(PLUGIN, metadata=metadata)], "", URL)


def test_other_versions_stay_and_none_changes() -> None:
    first = render_index([PLUGIN], "https://a.test/1", URL)
    second = replace(PLUGIN, metadata=replace(METADATA, version="1.11"))
    both = render_index([second], "https://a.test/2", URL, first)
    assert [(e.name, e.version) for e in parse_index(both, URL).entries] == [
        ("p", "1.11"),
        ("p", "1.10"),
    ]
    assert parse_index(both, URL).entries[1] == parse_index(first, URL).entries[0]
    assert render_index([second], "https://a.test/2", URL, both) == both
    changed = replace(PLUGIN, files=(replace(FILES[0], sha256="c" * 64),))
    with pytest.raises(
        PackageRefused, match=r"version 1\.10 of executor p is in the index already"
    ):
        render_index([changed], "https://a.test/1", URL, both)
    with pytest.raises(PackageRefused, match="mend or remove it"):
        render_index([PLUGIN], "", URL, b"entries: [7]")
