import pytest
from msgspec.structs import replace

from botkube.packages.cache.lockfile import Locked, LockedFile, LockedFiles
from botkube.packages.errors import PackageRefused
from botkube.packages.index.locator import Artifact, Checksum
from botkube.packages.recipe import Job, Recipe, check_covered, check_unchanged, from_lock, places

HOME = "https://a.test/v1/index.yaml"
MIRROR = "https://b.test/copy/index.yaml"
SUM = Checksum("sha256", "a" * 64)
FILE = LockedFile(
    url="https://a.test/v1/p.tgz",
    form="tar.gz",
    folder="bin",
    download="a" * 64,
    sha256="b",
    size=1,
)
LOCKED = Locked(
    version="v1",
    index=HOME,
    platforms={"l/a": LockedFiles(plugin=FILE, dependencies={"dep": FILE})},
)


@pytest.mark.parametrize(
    ("url", "index", "homes", "found"),
    [
        ("https://a.test/v1/p", HOME, (HOME,), ["https://a.test/v1/p"]),
        (
            "https://a.test/v1/p",
            HOME,
            (HOME, MIRROR),
            ["https://a.test/v1/p", "https://b.test/copy/p"],
        ),
        (  # the mirror served the index, so it is asked first
            "https://a.test/v1/p",
            MIRROR,
            (HOME, MIRROR),
            ["https://b.test/copy/p", "https://a.test/v1/p"],
        ),
        (
            "https://b.test/copy/p",
            MIRROR,
            (HOME, MIRROR),
            ["https://b.test/copy/p", "https://a.test/v1/p"],
        ),
        ("https://dl.test/kubectl", MIRROR, (HOME, MIRROR), ["https://dl.test/kubectl"]),
        ("https://a.test/v1/p", HOME, (), ["https://a.test/v1/p"]),
    ],
)
def test_where_a_file_may_be(
    url: str, index: str, homes: tuple[str, ...], found: list[str]
) -> None:
    assert list(places(url, index, homes)) == found


def test_the_lock_file_says_what_is_to_come() -> None:
    recipe = from_lock(LOCKED, LOCKED.platforms["l/a"], "l/a", (HOME, MIRROR))
    assert (recipe.version, recipe.index, set(recipe.jobs)) == ("v1", HOME, {"", "dep"})
    job = recipe.jobs["dep"]
    assert job.artifact == Artifact(url=FILE.url, form="tar.gz", folder="bin")
    assert (job.checksums, job.locked) == ((SUM,), FILE)
    assert job.urls == (FILE.url, "https://b.test/copy/p.tgz")


def recipe(**checksums: Checksum | None) -> Recipe:
    jobs = {
        name.removeprefix("plugin"): Job(
            artifact=Artifact(url="u"), urls=("u",), checksums=(given,) if given else ()
        )
        for name, given in checksums.items()
    }
    return Recipe(version="v1", index=HOME, platform="l/a", jobs=jobs)


def test_a_signature_covers_what_has_a_strong_digest() -> None:
    check_covered(recipe(plugin=SUM, dep=Checksum("sha512", "a" * 128)))
    for bad in (
        recipe(plugin=None),
        recipe(plugin=Checksum("sha1", "a" * 40)),
        recipe(plugin=SUM, dep=Checksum("md5", "a" * 32)),
        recipe(plugin=SUM, dep=None),
    ):
        with pytest.raises(PackageRefused, match="so its signature does not cover it"):
            check_covered(bad)


def test_a_locked_version_with_another_digest_is_refused_with_both() -> None:
    other = Checksum("sha256", "c" * 64)
    check_unchanged(recipe(plugin=SUM, dep=None), LOCKED)
    check_unchanged(recipe(plugin=other), None)
    check_unchanged(replace(recipe(plugin=other), version="v2"), LOCKED)
    check_unchanged(replace(recipe(plugin=other), platform="d/a"), LOCKED)
    for bad in (recipe(plugin=other), recipe(plugin=SUM, dep=other)):
        with pytest.raises(PackageRefused, match="another file than the one that was locked") as e:
            check_unchanged(bad, LOCKED)
        assert SUM.hex in str(e.value)
        assert other.hex in str(e.value)
