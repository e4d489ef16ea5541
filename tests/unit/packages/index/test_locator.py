import pytest

from botkube.packages.index.locator import (
    Artifact,
    BadLocation,
    Checksum,
    check_url,
    kept_url,
    moved,
    origin_of,
    public_url,
    read_artifact,
    read_checksum,
)

BASE = "https://example.test/v1/plugins-index.yaml"
SHA256 = "a" * 64


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://x.test/a", Artifact(url="https://x.test/a")),
        ("https://x.test/a.tar.gz", Artifact(url="https://x.test/a.tar.gz", form="tar.gz")),
        ("https://x.test/a.tgz", Artifact(url="https://x.test/a.tgz", form="tar.gz")),
        ("https://x.test/a.tbz2", Artifact(url="https://x.test/a.tbz2", form="tar.bz2")),
        ("https://x.test/a.txz", Artifact(url="https://x.test/a.txz", form="tar.xz")),
        ("https://x.test/a.tar.zst", Artifact(url="https://x.test/a.tar.zst", form="tar.zst")),
        ("https://x.test/a.tar", Artifact(url="https://x.test/a.tar", form="tar")),
        ("https://x.test/a.zip", Artifact(url="https://x.test/a.zip", form="zip")),
        ("https://x.test/a.gz", Artifact(url="https://x.test/a.gz", form="gz")),
        ("https://x.test/a.xz", Artifact(url="https://x.test/a.xz", form="xz")),
        ("https://x.test/a.gz?x=.zip", Artifact(url="https://x.test/a.gz?x=.zip", form="gz")),
        ("https://x.test/agz", Artifact(url="https://x.test/agz")),
        ("https://x.test/a.zip?archive=false", Artifact(url="https://x.test/a.zip")),
        ("https://x.test/a.zip?archive=true", Artifact(url="https://x.test/a.zip", form="zip")),
        ("https://x.test/a?archive=tgz", Artifact(url="https://x.test/a", form="tar.gz")),
        (
            "https://x.test/a.zip//b/c?archive=zip&t=1&filename=z",
            Artifact(url="https://x.test/a.zip?t=1", form="zip", folder="b/c"),
        ),
        (
            f"https://x.test/a?checksum=sha256:{SHA256}",
            Artifact(url="https://x.test/a", checksums=(Checksum("sha256", SHA256),)),
        ),
        ("https://x.test/a?sig=a%2Fb+c", Artifact(url="https://x.test/a?sig=a%2Fb+c")),
        ("https://x.test/a?u=https://y//z", Artifact(url="https://x.test/a?u=https://y//z")),
        ("https://x.test/a#part", Artifact(url="https://x.test/a")),
        ("a.zip", Artifact(url="https://example.test/v1/a.zip", form="zip")),
        ("../b", Artifact(url="https://example.test/b")),
        ("/c", Artifact(url="https://example.test/c")),
        ("http://x.test:8080/a", Artifact(url="http://x.test:8080/a")),
    ],
)
def test_a_url_is_read_as_go_getter_reads_it(url: str, expected: Artifact) -> None:
    assert read_artifact(url, base=BASE) == expected


def test_an_index_on_disk_may_name_files() -> None:
    found = read_artifact("b/c.tgz", base="file:///srv/plugins/index.yaml")
    assert found == Artifact(url="file:///srv/plugins/b/c.tgz", form="tar.gz")
    assert read_artifact("file:///x", base="file:///i.yaml").url == "file:///x"


@pytest.mark.hostile("index")
@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("s3::https://x.test/a", "s3:: is not supported"),
        ("git::https://x.test/a", "git:: is not supported"),
        ("s3://bucket/a", "s3:// is not supported"),
        ("ftp://x.test/a", "ftp:// is not supported"),
        ("file:///etc/passwd", "names a file of this machine"),
        ("https://x.test/a b", "a space"),
        ("https://x.test/a\r\nX: y", "a control character"),
        ("https://x.test/" + "a" * 5000, "very long"),
        ("https://x.test/a/", "a directory"),
        ("https:///a", "no host"),
        ("https://x.test:99999/a", "is not a URL"),
        ("https://[::1/a", "is not a URL"),
        ("https://x.test/a.zip//../b", "outside of the archive"),
        ("https://x.test/a.zip///etc", "outside of the archive"),
        ("https://x.test/a//b", "no archive"),
        ("https://x.test/a.gz//b", "no archive"),
        ("https://x.test/a?archive=rar", "archive=rar"),
        ("https://x.test/a?checksum=12", "no digest"),
        ("https://x.test/a?checksum=file:https://x.test/sums", "file of checksums"),
    ],
)
def test_what_cannot_be_downloaded_says_why(url: str, words: str) -> None:
    with pytest.raises(BadLocation) as caught:
        read_artifact(url, base=BASE)
    assert words in str(caught.value)


def test_without_a_base_a_relative_url_is_none() -> None:
    with pytest.raises(BadLocation, match=r"not a whole URL"):
        check_url("plugins.yaml")
    with pytest.raises(BadLocation, match="file:///PATH"):
        check_url("file://host/x")


@pytest.mark.parametrize(
    ("text", "algorithm"),
    [
        ("a" * 32, "md5"),
        ("a" * 40, "sha1"),
        ("A" * 64, "sha256"),
        ("a" * 128, "sha512"),
        ("md5:" + "a" * 32, "md5"),
        ("sha1:" + "a" * 40, "sha1"),
        ("SHA256:" + "a" * 64, "sha256"),
        ("sha512:" + "a" * 128, "sha512"),
    ],
)
def test_a_checksum_is_known_by_its_length_or_its_name(text: str, algorithm: str) -> None:
    found = read_checksum(f" {text} ")
    assert (found.algorithm, set(found.hex)) == (algorithm, {"a"})
    assert str(found) == f"{algorithm}:{found.hex}"


@pytest.mark.hostile("index")
@pytest.mark.parametrize(
    "text", ["a", "g" * 64, "sha256:" + "a" * 40, "crc:" + "a" * 64, "a" * 63, "sha256:", ":" * 64]
)
def test_what_is_no_checksum_is_refused(text: str) -> None:
    with pytest.raises(BadLocation, match="no digest"):
        read_checksum(text)


def test_what_is_shown_of_a_url_is_no_secret() -> None:
    shown = public_url("https://me:pass@x.test:8443/a?token=1#f")
    assert shown == "https://x.test:8443/a?…"
    assert public_url("file:///a/b") == "file:///a/b"
    assert "pass" not in public_url("https://me:pass@[::1/a")


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://x.test/a?v=1&file=b", "https://x.test/a?v=1&file=b"),
        ("https://me:pa@ss@x.test/a@b", "https://…@x.test/a@b"),
        ("https://x.test/a?v=1&Access_Token=t&w=2", "https://x.test/a?v=1&Access_Token=…&w=2"),
        ("https://x.test/a?X-Amz-Signature=t#f", "https://x.test/a?X-Amz-Signature=…#f"),
        ("https://x.test/a?apikey=t&sig=u", "https://x.test/a?apikey=…&sig=…"),
        ("file:///a/b@c", "file:///a/b@c"),
    ],
)
def test_what_is_kept_of_a_url_is_no_secret(url: str, kept: str) -> None:
    assert kept_url(url) == kept
    assert kept_url(kept) == kept


def test_what_is_wrong_with_a_url_is_told_without_it() -> None:
    for url in ("https://me:hidden@[::1/a", "https://me:hid:den@x.test:hidden/a?token=hidden"):
        with pytest.raises(BadLocation) as caught:
            read_artifact(url)
        assert "hid" not in str(caught.value)


def test_the_origin_has_its_usual_port() -> None:
    assert origin_of("https://X.test/a") == origin_of("https://u@x.test:443/b")
    assert origin_of("https://x.test/a") != origin_of("http://x.test/a")
    assert origin_of("https://x.test/a") != origin_of("https://x.test:444/a")


def test_a_mirror_has_what_lies_beside_the_index() -> None:
    mirror = "http://mirror.test/copy/index.yaml"
    assert moved("https://example.test/v1/b/c", BASE, mirror) == "http://mirror.test/copy/b/c"
    assert moved("https://example.test/v2/c", BASE, mirror) == ""
