"""From a job to an executable in the cache: download, verify, unpack; each file once, a few at a time."""

import hashlib
import secrets
import shutil
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path

import msgspec
import trio

from botkube.packages.cache.lockfile import LockedFile, changed
from botkube.packages.cache.objects import add_object, downloads, object_path
from botkube.packages.cache.trust import check_file
from botkube.packages.download.download import download
from botkube.packages.download.parts import LARGEST, Wanted, forget
from botkube.packages.download.source import Repository
from botkube.packages.download.web import Access, Patience, Web, open_web
from botkube.packages.errors import PackageFailed, PackageRefused
from botkube.packages.index.locator import kept_url, public_url
from botkube.packages.recipe import Job
from botkube.packages.unpacking.decompress import Limits
from botkube.packages.unpacking.unpack import Unpacking, unpack


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """What a download may cost."""

    patience: Patience = Patience()
    limits: Limits = Limits()
    largest: int = LARGEST
    parallel: int = 8


class Copies(msgspec.Struct, frozen=True, kw_only=True):
    """Files that stand for URLs: to be read in their place (`files`), or to be kept (`keep`) as well."""

    files: Mapping[str, Path] | None = None  # None: the network
    keep: Path | None = None


class Fetcher:
    """Gets executables; its connections live as long as `stack`."""

    def __init__(
        self,
        root: Path,
        repositories: Mapping[str, Repository],
        bounds: Bounds,
        copies: Copies,
        stack: AsyncExitStack,
    ) -> None:
        self._root = root
        self._repositories = repositories
        self._bounds = bounds
        self._copies = copies
        self._stack = stack
        self._webs: dict[str, Web] = {}
        self._opening = trio.Lock()
        self._slots = trio.Semaphore(bounds.parallel)
        self._flights: dict[Path, trio.Lock] = {}
        self._done: dict[tuple[Job, str], tuple[float, LockedFile]] = {}

    async def web(self, name: str) -> Web:
        """Return the connections to the servers of a repository.

        Raises: PackageRefused if they cannot be opened as configured.
        """
        async with self._opening:
            if name not in self._webs:
                repository = self._repositories.get(name)
                asked = repository if self._copies.files is None else None  # nobody is
                access = asked.access if asked else Access(homes=())
                opened = open_web(access, self._bounds.patience)
                self._webs[name] = await self._stack.enter_async_context(opened)
        return self._webs[name]

    async def fetch(
        self, repository: str, job: Job, name: str, tell: Callable[[int, int], None]
    ) -> LockedFile:
        """Return the executable, in the cache; `name` is that of a dependency.

        Raises: PackageFailed; PackageRefused if it is not what it must be.
        Cancellation: what was downloaded is gone on with next time.
        """
        part, began = self._part(job.artifact.url), trio.current_time()
        async with self._flights.setdefault(part, trio.Lock()), self._slots:
            found = await trio.to_thread.run_sync(self._known, job, name, began)
            if found is None:
                found = await self._fetched(repository, job, name, part, tell)
                self._done[job, name] = (trio.current_time(), found)
        return found

    async def _fetched(
        self, repository: str, job: Job, name: str, part: Path, tell: Callable[[int, int], None]
    ) -> LockedFile:
        wanted = Wanted(
            urls=self._places(job),
            part=part,
            checksums=job.checksums,
            largest=self._bounds.largest,
            unpacks=bool(job.artifact.form),
        )
        digest = await download(await self.web(repository), wanted, tell)
        return await trio.to_thread.run_sync(self._unpacked, job, name, part, digest)

    def _places(self, job: Job) -> tuple[str, ...]:
        if self._copies.files is None:
            return job.urls
        found = self._copies.files.get(kept_url(job.artifact.url))
        if found is None:
            raise PackageRefused(f"{public_url(job.artifact.url)} is not in the bundle")
        return (found.as_uri(),)

    def _unpacked(self, job: Job, name: str, part: Path, digest: str) -> LockedFile:
        fresh = part.with_name(f"{secrets.token_hex(8)}.new")
        artifact = job.artifact
        try:
            unpack(
                Unpacking(
                    source=part,
                    artifact=artifact,
                    name=name,
                    limits=self._bounds.limits,
                    check=trio.from_thread.check_cancelled,
                ),
                fresh,
            )
            if self._copies.keep:
                shutil.copyfile(part, self._copies.keep / digest)
            sha256, size = add_object(self._root, fresh)
        except OSError as error:
            raise PackageFailed(f"cannot write in {self._root}: {error.strerror}") from error
        except PackageRefused as error:
            forget(part)
            raise PackageRefused(f"{public_url(artifact.url)}: {error}") from error
        finally:
            fresh.unlink(missing_ok=True)
        forget(part)
        if job.locked and sha256 != job.locked.sha256:
            raise PackageRefused(changed(public_url(artifact.url), job.locked.sha256, sha256))
        return LockedFile(
            url=kept_url(artifact.url),
            form=artifact.form,
            folder=artifact.folder,
            download=digest,
            sha256=sha256,
            size=size,
        )

    def _known(self, job: Job, name: str, began: float) -> LockedFile | None:
        """The executable if it is in the cache already, locked or fetched before.

        Where no digest names it, only a download that was waited for is shared: an earlier one may be another file.
        """
        at, found = self._done.get((job, name), (began, job.locked))
        if not job.checksums and at < began:
            return None
        try:
            if found is not None:
                check_file(object_path(self._root, found.sha256), found)
        except PackageRefused:
            return None
        return found

    def _part(self, url: str) -> Path:
        return downloads(self._root) / f"{hashlib.sha256(url.encode()).hexdigest()[:32]}.part"
