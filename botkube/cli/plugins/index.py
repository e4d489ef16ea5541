"""`botkube plugins index build`: the index of a folder of plugins, and its signature."""

import getpass
import json
import os
import sys
from pathlib import Path
from typing import Final, Literal
from urllib.parse import quote

import msgspec
import trio

from botkube.app.orders.indexing import BuiltIndex, IndexOrder, build_index
from botkube.cli import exits
from botkube.cli.interrupt import run_until_signalled
from botkube.packages.errors import PackageFailed, PackageRefused
from botkube.packages.files import replace_file
from botkube.packages.index.sign import SigningKey, open_key
from botkube.packages.index.signature import SUFFIX
from botkube.runtime.clock import wall
from botkube.runtime.terminal import without_controls

PASSWORD: Final = "BOTKUBE_SIGN_PASSWORD"  # noqa: S105 - the name of a variable


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """The command line of `plugins index build`."""

    folder: Path
    target: Path
    base: str = ""
    sign_key: Path | None = None
    archive: bool = True
    name_filter: str = ""
    dependency_checksums: bool = False
    keep: bool = False
    output: Literal["text", "json"] = "text"


def build(options: Options) -> int:
    """Build the index, sign it, write both; returns the exit code."""
    target = options.target.absolute()
    base = options.base or _relative(options.folder, target.parent)
    order = IndexOrder(
        folder=options.folder.resolve(),
        url=f"{options.base.rstrip('/')}/{target.name}" if options.base else target.as_uri(),
        base=base,
        archive=options.archive,
        wanted=options.name_filter,
        dependency_checksums=options.dependency_checksums,
    )
    try:
        old = target.read_bytes() if options.keep and target.exists() else b""
        order = msgspec.structs.replace(order, old=old)
        given = options.sign_key.read_bytes() if options.sign_key else b""
        key = open_key(given, _password) if options.sign_key else None
    except PackageRefused as error:
        return _failed(error)
    except OSError as error:
        exits.fail(exits.FAILED, f"{error.filename} cannot be read: {error.strerror}")
    return run_until_signalled(lambda: _build(options, order, key))


async def _build(options: Options, order: IndexOrder, key: SigningKey | None) -> int:
    try:
        built = await build_index(order, _note)
    except (PackageFailed, PackageRefused) as error:
        return _failed(error)
    try:
        await trio.to_thread.run_sync(_write, options.target.absolute(), built, key)
    except OSError as error:
        text = f"{options.target} cannot be written: {error.strerror}"
        return exits.told(exits.FAILED, text)
    _tell(options, built, key.public_key if key else "")
    return exits.OK


def _failed(error: PackageFailed | PackageRefused) -> int:
    for line in str(error).splitlines():
        exits.told(exits.FAILED, without_controls(line))
    return exits.FAILED


def _relative(folder: Path, start: Path) -> str:
    """The way from the index to the files, for an index that may be moved with them."""
    way = quote(Path(os.path.relpath(folder.resolve(), start.resolve())).as_posix())
    return "" if way == "." else way


def _write(target: Path, built: BuiltIndex, key: SigningKey | None) -> None:
    """Write the index and its signature, or remove the signature of another."""
    proof = target.with_name(target.name + SUFFIX)
    comment = f"timestamp:{int(wall())}\tfile:{target.name}"
    signature = key.sign(built.content, comment) if key else b""
    replace_file(target, built.content)
    if signature:
        replace_file(proof, signature)
    else:
        proof.unlink(missing_ok=True)


def _password() -> str:
    if (given := os.environ.get(PASSWORD)) is not None:
        return given
    if not sys.stdin.isatty():
        raise PackageRefused(f"the key has a password: set {PASSWORD}, or run this in a terminal")
    return getpass.getpass("Password of the key: ")


def _note(plugin: str) -> None:
    print(f"{plugin}: asking what it is", file=sys.stderr, flush=True)


def _tell(options: Options, built: BuiltIndex, public_key: str) -> None:
    plugins = [
        {
            "kind": plugin.kind,
            "name": plugin.name,
            "version": plugin.metadata.version,
            "platforms": [listed.platform for listed in plugin.files],
        }
        for plugin in built.plugins
    ]
    if options.output == "json":
        found = {"index": str(options.target), "publicKey": public_key, "plugins": plugins}
        print(json.dumps(found, ensure_ascii=False))
        return
    for plugin in built.plugins:
        platforms = ", ".join(listed.platform for listed in plugin.files)
        text = f"{plugin.kind} {plugin.name} {plugin.metadata.version}: {platforms}"
        print(without_controls(text))
    print(f"The index is {options.target}.")
    if public_key:
        print(f"It is signed, for signature.publicKey: {public_key}")
