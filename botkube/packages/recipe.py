"""What is to be downloaded for a plugin: out of an index, or out of the lock file. Pure."""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from botkube.packages.cache.lockfile import Locked, LockedFile, LockedFiles, changed
from botkube.packages.errors import PackageRefused
from botkube.packages.index.choose import Release
from botkube.packages.index.entries import Index
from botkube.packages.index.locator import Artifact, Checksum, moved, public_url

_STRONG: Final = frozenset(("sha256", "sha512"))


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One file to get. `urls` are its places, the best first; `locked` is what must come of it, if that is known."""

    artifact: Artifact
    urls: tuple[str, ...]
    checksums: tuple[Checksum, ...]
    locked: LockedFile | None = None


class Recipe(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a plugin: its own file under "" and its dependencies under their names."""

    version: str
    index: str
    signed_by: str = ""
    platform: str
    jobs: Mapping[str, Job]


def from_lock(locked: Locked, files: LockedFiles, platform: str, homes: tuple[str, ...]) -> Recipe:
    """Return how to get what is locked; `homes` are the URLs of the repository's index."""
    return Recipe(
        version=locked.version,
        index=locked.index,
        signed_by=locked.signed_by,
        platform=platform,
        jobs={
            name: Job(
                artifact=file.artifact,
                urls=places(file.url, locked.index, homes),
                checksums=(Checksum("sha256", file.download),),
                locked=file,
            )
            for name, file in files.all.items()
        },
    )


def from_index(release: Release, index: Index, *, signed_by: str, homes: tuple[str, ...]) -> Recipe:
    """Return how to get a release."""
    package = release.package
    artifacts = {"": package.artifact, **package.dependencies}
    return Recipe(
        version=release.entry.version,
        index=index.url,
        signed_by=signed_by,
        platform=release.platform,
        jobs={
            name: Job(
                artifact=artifact,
                urls=places(artifact.url, index.url, homes),
                checksums=artifact.checksums,
            )
            for name, artifact in artifacts.items()
        },
    )


def with_known(recipe: Recipe, versions: Iterable[Locked]) -> Recipe:
    """Return a recipe that says what must come of files which are locked under the same version: those need no download.

    Only files whose digest the index names: of another one only a download tells whether it has changed.
    """
    known: dict[str, LockedFile] = {}
    for locked in versions:
        if locked.version == recipe.version and recipe.platform in locked.platforms:
            known |= locked.platforms[recipe.platform].all
    jobs = {
        name: msgspec.structs.replace(job, locked=known[name])
        if name in known and Checksum("sha256", known[name].download) in job.checksums
        else job
        for name, job in recipe.jobs.items()
    }
    return msgspec.structs.replace(recipe, jobs=jobs)


def check_covered(recipe: Recipe) -> None:
    """Check that a signed index says what every file must be: without that its signature proves nothing of it.

    Raises: PackageRefused.
    """
    for name, job in recipe.jobs.items():
        if not any(checksum.algorithm in _STRONG for checksum in job.checksums):
            what = f"its dependency {name}" if name else "the plugin"
            raise PackageRefused(
                f"the index {public_url(recipe.index)} has no SHA-256 for {what} of version "
                f"{recipe.version}, so its signature does not cover it; add a checksum there, "
                "or set signature.policy to warn"
            )


def check_unchanged(recipe: Recipe, locked: Locked | None) -> None:
    """Check that an index does not offer other files under a version that is locked.

    Raises: PackageRefused.
    """
    files = locked.platforms.get(recipe.platform) if locked else None
    if locked is None or files is None or locked.version != recipe.version:
        return
    for name, file in files.all.items():
        job = recipe.jobs.get(name)
        for checksum in job.checksums if job else ():
            if checksum.algorithm == "sha256" and checksum.hex != file.download:
                what = f"its dependency {name}" if name else "the plugin"
                where = f"version {recipe.version} in {public_url(recipe.index)}: {what}"
                raise PackageRefused(changed(where, file.download, checksum.hex))


def places(url: str, index: str, homes: Iterable[str]) -> tuple[str, ...]:
    """Return where a file may be: beside the index that served, where the index says, and on mirrors."""
    known = tuple(homes)
    copies = [moved(url, old, new) for old in (index, *known) for new in (index, *known)]
    every = dict.fromkeys([url, *filter(None, copies)])
    beside = [place for place in every if moved(place, index, index)]
    return tuple(dict.fromkeys([*beside, *every]))
