"""Builds the index of a folder of plugins: asks each what it is, packs it, and counts digests.

What stands in an index, and what is wrong with one, is decided in `packages/index/build.py`.
"""

import tempfile
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Final

import msgspec
import trio

from botkube.model.plugin import PluginKind
from botkube.packages.download.download import download
from botkube.packages.download.parts import Wanted, digests
from botkube.packages.download.web import Access, open_web
from botkube.packages.errors import PackageFailed, PackageRefused
from botkube.packages.fetcher import Bounds
from botkube.packages.index.build import (
    BuildFile,
    Described,
    Listed,
    check_metadata,
    group,
    render_index,
    scan,
)
from botkube.packages.index.choose import this_platform
from botkube.packages.index.locator import BadLocation, public_url, read_artifact
from botkube.packages.unpacking.pack import SUFFIX, holds, pack, take_out
from botkube.sdk.testing import CallFailed, PluginGone, PluginHarness
from botkube.wire.messages import Metadata

_ANSWER: Final = 60.0  # seconds from the start of a plugin to its metadata


class IndexOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What is wanted. `folder` is absolute, `url` is where the index will be; `base` stands before the files' names."""

    folder: Path
    url: str
    base: str = ""
    archive: bool = True
    wanted: str = ""
    dependency_checksums: bool = False
    old: bytes = b""  # an index whose other versions stay
    bounds: Bounds = Bounds()


class BuiltIndex(msgspec.Struct, frozen=True, kw_only=True):
    """An index; `plugins` are those in it."""

    content: bytes
    plugins: tuple[Described, ...]


async def build_index(order: IndexOrder, tell: Callable[[str], None]) -> BuiltIndex:
    """Build an index; archives are written into the folder, the index is not.

    Raises: PackageRefused with everything that is wrong, a line each.
    """
    names = await trio.to_thread.run_sync(_names, order.folder)
    files, problems = scan(names, order.wanted)
    plugins: list[Described] = []
    async with _scratch() as scratch:
        for (kind, name), mine in group(files).items():
            tell(f"{kind} {name}")
            try:
                plugins.append(await _Plugin(order, kind, name, mine, scratch).described())
            except (PackageFailed, PackageRefused) as error:
                problems += [f"{kind} {name}: {line}" for line in str(error).splitlines()]
            except OSError as error:
                problems.append(f"{kind} {name}: {error.filename}: {error.strerror}")
    if not files and not problems:
        problems.append(f"{order.folder} holds no file named KIND_NAME_OS_ARCHITECTURE")
    if problems:
        raise PackageRefused("\n".join(problems))
    content = await trio.to_thread.run_sync(render_index, plugins, order.base, order.url, order.old)
    return BuiltIndex(content=content, plugins=tuple(plugins))


class _Plugin:
    """One plugin and its files."""

    def __init__(
        self,
        order: IndexOrder,
        kind: PluginKind,
        name: str,
        files: Sequence[BuildFile],
        scratch: Path,
    ) -> None:
        self._order = order
        self._kind = kind
        self._name = name
        self._scratch = scratch
        self._binaries = {file.platform: file for file in files if not file.form}
        self._archives: dict[str, list[BuildFile]] = {}
        for file in files:
            if file.form:
                self._archives.setdefault(file.platform, []).append(file)

    async def described(self) -> Described:
        """Ask it, and look at each of its files.

        Raises: PackageFailed; PackageRefused; OSError.
        """
        metadata = await self._asked(await trio.to_thread.run_sync(self._program))
        if problems := [*check_metadata(metadata), *_schema_problems(metadata)]:
            raise PackageRefused("\n".join(problems))
        platforms = sorted({*self._binaries, *self._archives})
        listed = [await trio.to_thread.run_sync(self._listed, platform) for platform in platforms]
        urls = {
            places[platform]
            for places in metadata.dependencies.values()
            for platform in platforms
            if platform in places
        }
        checksums = await self._checksums(urls) if self._order.dependency_checksums else {}
        return Described(
            kind=self._kind,
            name=self._name,
            metadata=metadata,
            files=tuple(listed),
            checksums=checksums,
        )

    def _program(self) -> Path:
        """The executable for this machine, taken out of its archive if it is only there."""
        here = this_platform()
        if file := self._binaries.get(here):
            return self._order.folder / file.file
        if archives := self._archives.get(here):
            target = self._scratch / f"{self._kind}_{self._name}"
            take_out(self._order.folder / archives[0].file, archives[0].form, target)
            return target
        there = ", ".join(sorted({*self._binaries, *self._archives}))
        raise PackageRefused(
            f"is there for {there}, but not for {here}, so that it could be asked here what it is: "
            "add the file for this machine, or build the index on another one"
        )

    async def _asked(self, program: Path) -> Metadata:
        try:
            with trio.fail_after(_ANSWER):
                async with PluginHarness.start([str(program)]) as plugin:
                    return await plugin.metadata()
        except trio.TooSlowError:
            text = f"{program.name} did not say within {_ANSWER:g} s what it is"
            raise PackageFailed(text) from None
        except (CallFailed, PluginGone) as error:
            text = " ".join(str(error).split())
            raise PackageFailed(f"{program.name} did not say what it is: {text}") from error

    def _listed(self, platform: str) -> Listed:
        folder = self._order.folder
        file = self._archive(platform) if self._order.archive else self._binary(platform)
        return Listed(file=file, platform=platform, sha256=digests(folder / file)["sha256"])

    def _binary(self, platform: str) -> str:
        if file := self._binaries.get(platform):
            return file.file
        raise PackageRefused(
            f"is there for {platform} in an archive only: add the executable, or list archives"
        )

    def _archive(self, platform: str) -> str:
        """The archive for a platform, made anew if it does not hold the executable beside it."""
        folder, binary = self._order.folder, self._binaries.get(platform)
        archives = self._archives.get(platform, [])
        if len(archives) > 1:
            names = ", ".join(file.file for file in archives)
            raise PackageRefused(f"has several archives for {platform} ({names}): remove one")
        if binary is None:
            return archives[0].file
        path = folder / binary.file
        if archives:
            there = archives[0]
            if holds(folder / there.file, there.form, path, self._scratch):
                return there.file
            if there.file != binary.file + SUFFIX:
                raise PackageRefused(
                    f"{there.file} does not hold the {binary.file} beside it: remove one of them"
                )
        pack(path, folder / (binary.file + SUFFIX))
        return binary.file + SUFFIX

    async def _checksums(self, urls: set[str]) -> dict[str, str]:
        bounds = self._order.bounds
        found: dict[str, str] = {}
        async with open_web(Access(homes=()), bounds.patience) as web:
            for url in sorted(urls):
                try:
                    artifact = read_artifact(url, base=self._order.url)
                except BadLocation as error:
                    raise PackageRefused(f"{public_url(url)[:200]!r} {error}") from error
                part = self._scratch / "dependency.part"
                wanted = Wanted(urls=(artifact.url,), part=part, largest=bounds.largest)
                found[url] = await download(web, wanted, lambda *_: None)
        return found


def _schema_problems(metadata: Metadata) -> list[str]:
    schemas = {
        "JSON Schema": metadata.json_schema,
        "JSON Schema of webhook calls": metadata.external_request_schema or "",
    }
    given = {what: text for what, text in schemas.items() if text}
    if not given:
        return []
    import jsonschema  # noqa: PLC0415 - 100 ms, and many plugins have none

    found = []
    for what, text in given.items():
        try:
            jsonschema.Draft7Validator.check_schema(msgspec.json.decode(text))
        except msgspec.DecodeError as error:
            found.append(f"its {what} is no JSON: {error}")
        except jsonschema.SchemaError as error:
            found.append(f"its {what} is no schema of draft 7: {error.message[:200]}")
    return found


def _names(folder: Path) -> list[str]:
    try:
        return [path.name for path in folder.iterdir() if path.is_file()]
    except OSError as error:
        raise PackageRefused(f"{folder} cannot be read: {error.strerror}") from error


@asynccontextmanager
async def _scratch() -> AsyncGenerator[Path]:
    scratch = await trio.to_thread.run_sync(partial(tempfile.TemporaryDirectory, prefix="botkube-"))
    with scratch as folder:
        yield Path(folder)
