import platform

import pytest

from botkube.model.plugin import parse_plugin_key
from botkube.packages.index.choose import NotOffered, choose, this_platform
from botkube.packages.index.entries import Index, parse_index

URL = "https://u:p@example.test/index.yaml?token=1"
LINUX = "linux/amd64"


def index(*entries: str) -> Index:
    """Entries such as `executor kubectl v1.0 linux/amd64,darwin/arm64`."""
    lines = ["entries:"]
    for entry in entries:
        kind, name, version, platforms = entry.split()
        lines += [f"- name: {name}", f"  type: {kind}", f"  version: {version}", "  urls:"]
        for text in platforms.split(","):
            os, _, architecture = text.partition("/")
            lines += [
                f"  - url: {name}-{version}",
                f"    platform: {{os: {os}, architecture: {architecture}}}",
            ]
    return parse_index("\n".join(lines).encode(), URL)


MANY = index(
    "executor kubectl v1.9.0 linux/amd64",
    "executor kubectl v1.10.0 linux/amd64",
    "executor kubectl v1.11.0 darwin/arm64",
    "executor kubectl v2.0.0-rc.1 linux/amd64",
    "executor kubectl nightly linux/amd64",
    "source kubectl v3.0.0 linux/amd64",
    "executor helm 0.1.0-alpha linux/amd64",
    "executor helm 0.1.0-beta linux/amd64",
    "executor plain one linux/amd64",
)


@pytest.mark.parametrize(
    ("key", "version"),
    [
        ("r/kubectl", "v1.10.0"),
        ("r/kubectl@latest", "v1.10.0"),
        ("r/kubectl@v1.9.0", "v1.9.0"),
        ("r/kubectl@1.9.0", "v1.9.0"),
        ("r/kubectl@nightly", "nightly"),
        ("r/kubectl@v2.0.0-rc.1", "v2.0.0-rc.1"),
        ("r/kubectl@~1.9", "v1.9.0"),
        ("r/kubectl@^1.0", "v1.10.0"),
        ("r/kubectl@>=1.9", "v1.10.0"),
        ("r/kubectl@^2.0.0-rc.0", "v2.0.0-rc.1"),
        ("r/helm", "0.1.0-beta"),
        ("r/plain", "one"),
    ],
)
def test_which_version_a_key_means(key: str, version: str) -> None:
    release = choose(MANY, parse_plugin_key("executor", key), LINUX)
    assert release.entry.version == version
    assert release.package.artifact.url.endswith(f"-{version}")


def test_a_pinned_version_has_its_own_url() -> None:
    """The original stored the newest entry under the pinned version's name."""
    key = parse_plugin_key("executor", "r/kubectl@v1.9.0")
    assert choose(MANY, key, LINUX).package.artifact.url.endswith("kubectl-v1.9.0")


def test_another_platform_has_its_own_latest() -> None:
    key = parse_plugin_key("executor", "r/kubectl")
    assert choose(MANY, key, "darwin/arm64").entry.version == "v1.11.0"


@pytest.mark.parametrize(
    ("key", "wanted", "words"),
    [
        ("r/none", LINUX, "has no executor none; its executors are helm, kubectl, plain"),
        ("r/kubectl@v7", LINUX, "has no executor kubectl of version v7; there is v2.0.0-rc.1, v1."),
        ("r/kubectl@v7", LINUX, "or a range such as @^"),
        ("r/kubectl@^7", LINUX, "of version ^7"),
        ("r/kubectl@^7y", LINUX, "'^7y' in the plugin key 'r/kubectl@^7y' is no version range"),
        ("r/kubectl", "plan9/mips", "not for plan9/mips; it has darwin/arm64, linux/amd64"),
        ("r/kubectl@v1.9.0", "darwin/arm64", "v1.9.0 not for darwin/arm64; it has linux/amd64"),
    ],
)
def test_what_is_not_offered_says_what_there_is(key: str, wanted: str, words: str) -> None:
    with pytest.raises(NotOffered) as caught:
        choose(MANY, parse_plugin_key("executor", key), wanted)
    text = str(caught.value)
    assert words in text
    assert "token" not in text
    assert "u:p" not in text


def test_the_other_kind_is_pointed_out() -> None:
    with pytest.raises(NotOffered, match="has no source helm; it has that name as executor"):
        choose(MANY, parse_plugin_key("source", "r/helm"), LINUX)


def test_a_faulty_entry_says_why_it_is_not_offered() -> None:
    text = "entries: [{name: p, type: executor, version: v1, urls: [{url: 's3://x/y', platform: {os: linux, architecture: amd64}}]}]"
    broken = parse_index(text.encode(), URL)
    with pytest.raises(NotOffered, match=r"no usable URL; not usable: entries\[0\].*s3:// is not"):
        choose(broken, parse_plugin_key("executor", "r/p"), LINUX)
    nameless = parse_index(b"entries: [{name: p, type: executor}]", URL)
    with pytest.raises(NotOffered, match=r"not usable: .*version is missing"):
        choose(nameless, parse_plugin_key("executor", "r/p"), LINUX)


@pytest.mark.parametrize(
    ("machine", "named"), [("x86_64", "amd64"), ("aarch64", "arm64"), ("riscv64", "riscv64")]
)
def test_the_platform_is_named_as_go_names_it(
    monkeypatch: pytest.MonkeyPatch, machine: str, named: str
) -> None:
    monkeypatch.setattr(platform, "machine", lambda: machine)
    assert this_platform() == f"linux/{named}"
