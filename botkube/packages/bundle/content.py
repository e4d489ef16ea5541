"""What a bundle has for a plugin key, and whether its lock, its index and its files agree on it."""

from msgspec.structs import replace

from botkube.model.plugin import PluginKey
from botkube.model.versions import version_order
from botkube.packages.bundle.folder import Bundle
from botkube.packages.cache.lockfile import Lock, Locked, LockedFile, name_of
from botkube.packages.download.source import Offer
from botkube.packages.errors import PackageRefused
from botkube.packages.index.choose import accepts, choose
from botkube.packages.index.locator import Checksum, kept_url, public_url
from botkube.packages.recipe import Job, Recipe, check_covered, from_index


def locked_in(lock: Lock, key: PluginKey, platform: str) -> Locked:
    """Return what a bundle has for a key: under that very key, else the newest version that the key means.

    Raises: PackageRefused if it has nothing that fits.
    """
    exact = lock.get(key)
    fits = accepts(key)
    same = [locked for name, locked in lock.plugins.items() if _is_same(name, key)]
    found = [exact] if exact else [locked for locked in same if fits(locked.version)]
    here = [locked for locked in found if platform in locked.platforms]
    if here:
        return max(here, key=lambda locked: version_order(locked.version))
    if found:
        platforms = ", ".join(sorted({p for locked in found for p in locked.platforms}))
        raise PackageRefused(
            f"the bundle has {name_of(key)} for {platforms or 'nothing'}, not for {platform}: "
            f"make it with --platform {platform}"
        )
    versions = ", ".join(sorted({locked.version for locked in same}))
    there = f"version {versions}" if same else ", ".join(lock.plugins) or "nothing"
    raise PackageRefused(f"the bundle has no {name_of(key)}; it has {there}")


def bundled_recipe(
    bundle: Bundle, offer: Offer, key: PluginKey, platform: str, *, signed: bool
) -> Recipe:
    """Return how a plugin is installed from a bundle whose index is `offer`. Reads the plugin's files: for a thread.

    `signed`: the index itself must say what each file is; that the bundle's lock says it proves nothing.

    Raises: PackageRefused if index, lock and files do not agree.
    """
    locked = locked_in(bundle.lock, key, platform)
    release = choose(offer.index, replace(key, version=locked.version), platform)
    recipe = from_index(release, offer.index, signed_by=offer.signed_by, homes=())
    if signed:
        check_covered(recipe)
    files = locked.platforms[platform].all
    if recipe.version != locked.version or set(recipe.jobs) != set(files):
        raise _disagree(key, f"version {locked.version}")
    jobs = {name: _job(bundle, job, files[name], key) for name, job in recipe.jobs.items()}
    return replace(recipe, jobs=jobs)


def _job(bundle: Bundle, job: Job, file: LockedFile, key: PluginKey) -> Job:
    url = kept_url(job.artifact.url)
    sha256 = bundle.check_file(url)
    if sha256 != file.download or replace(job.artifact, url=url, checksums=()) != file.artifact:
        raise _disagree(key, public_url(url))
    return replace(job, checksums=(*job.checksums, Checksum("sha256", sha256)), locked=file)


def _disagree(key: PluginKey, what: str) -> PackageRefused:
    return PackageRefused(
        f"the bundle's lock does not agree with its index on {name_of(key)} ({what}): make it anew"
    )


def _is_same(name: str, key: PluginKey) -> bool:
    return name.partition("@")[0] == name_of(replace(key, version=""))
