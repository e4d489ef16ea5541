"""`botkube plugins vendor` and `plugins install --from`: plugins to and from machines without a network."""

import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
import trio
from msgspec.structs import replace

from botkube.app.orders.steps import Show, Step, broken_off, done, on_the_way
from botkube.app.statedir import Instance
from botkube.cli import exits
from botkube.cli.interrupt import BY_SIGNAL, run_until_signalled
from botkube.cli.plugins.local import (
    Local,
    Where,
    asked_instance,
    at_instance,
    check_keys,
    ending,
    open_local,
    places_of,
)
from botkube.cli.plugins.steps import exit_code, print_done, shown
from botkube.config import resolve_paths
from botkube.config.bindings import BUILTIN
from botkube.model.plugin import PluginKey
from botkube.packages.bundle.folder import Bundle
from botkube.packages.bundle.install import install_bundle, opened_bundle
from botkube.packages.bundle.vendor import Order, Vendored
from botkube.packages.bundle.vendor import vendor as make_bundle
from botkube.packages.cache.lockfile import name_of
from botkube.packages.cache.shelf import Installed
from botkube.packages.errors import PackageFailed, PackageRefused
from botkube.packages.index.keys import keys_of, meant, named, offered
from botkube.packages.install import open_installer
from botkube.packages.progress import Progress, files_text

_INTERRUPTED: Final = "interrupted: there is no bundle"
_DEFAULT: Final = "(the configuration in use is the embedded default: --config names another)"
_NOTHING: Final = "the configuration enables no plugin of a repository: name plugins"


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line of `plugins vendor` says."""

    target: Path
    keys: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()


def vendor(where: Where, request: Request) -> int:
    """Make a bundle; returns the exit code."""
    for platform in request.platforms:
        if len(list(filter(None, platform.split("/")))) != len(("os", "architecture")):
            exits.fail(exits.USAGE, f"--platform: {platform!r} is not OS/ARCH, such as linux/arm64")
    check_keys(request.keys)
    local = open_local(at_instance(where), changes=False)
    with shown() as show:
        code = ending(lambda: run_until_signalled(lambda: _vendor(where, local, request, show)))
    return exits.told(code, _INTERRUPTED) if code > BY_SIGNAL else code


async def _vendor(where: Where, local: Local, request: Request, show: Show) -> int:
    try:
        keys = await _wanted(local, request.keys)
        if not keys:
            return exits.told(exits.FAILED, _NOTHING)
        platforms = tuple(dict.fromkeys(request.platforms)) or (local.shelf.platform,)
        order = Order(keys=keys, platforms=platforms, target=request.target.absolute())
        several = len(platforms) > 1

        def tell(key: PluginKey, platform: str, progress: Progress) -> None:
            name = f"{name_of(key)} {platform}" if several else name_of(key)
            show(on_the_way(name, progress))

        made = await make_bundle(local.settings, order, tell)
    except (PackageFailed, PackageRefused) as error:
        return exits.told(exits.FAILED, str(error))
    _print_made(where, request, made, platforms)
    return exits.OK


def _print_made(where: Where, request: Request, made: Vendored, platforms: Sequence[str]) -> None:
    versions = {name_of(key): version for key, version in made.versions.items()}
    if where.as_json:
        found = {
            "bundle": str(request.target),
            "plugins": versions,
            "platforms": platforms,
            "files": made.files,
            "bytes": made.size,
        }
        print(msgspec.json.encode(found).decode())
        return
    for name, version in versions.items():
        print(f"{name}: {version}")
    print(f"{request.target}: {files_text(made.files, made.size)} in all")


async def _wanted(local: Local, texts: Sequence[str]) -> tuple[PluginKey, ...]:
    """The keys that are named, those of no known plugin as their repository has them; none named: the enabled ones."""
    if not texts:
        return tuple(key for key in local.enabled.keys if key.repo != BUILTIN)
    known = await trio.to_thread.run_sync(local.known)
    found: list[PluginKey] = []
    with tempfile.TemporaryDirectory(prefix="botkube-") as folder:
        shelf = replace(local.shelf, root=Path(folder))
        async with open_installer(replace(local.settings, shelf=shelf)) as installer:
            for text in texts:
                keys = meant(text, known)
                if not keys:
                    offer = await installer.offer(named(text).repo)
                    keys = offered(text, offer.index)
                found += keys
    return tuple(dict.fromkeys(found))


def install_from(where: Where, source: Path, texts: Sequence[str]) -> int:
    """Install plugins out of a bundle, here, and have a running instance start them; returns the exit code."""
    check_keys(texts)
    instance = asked_instance(where)
    there = where if instance is None else places_of(instance, where)
    local = open_local(there, make=True)
    if not resolve_paths(there.config, os.environ):  # which has no repository of anybody's
        print(_DEFAULT, file=sys.stderr)
    steps: list[Step] = []
    with shown() as show:
        code = ending(
            lambda: run_until_signalled(
                lambda: _install(local, source.absolute(), texts, show, steps), insisting=True
            )
        )
        came = [step.plugin for step in steps if step.stage == "done"]
        if code in {exits.OK, exits.FAILED} and came and instance is not None:
            code = max(code, _activate(instance, came, show))
    if code in {exits.OK, exits.FAILED}:
        print_done(steps, as_json=where.as_json)
    return code


async def _install(
    local: Local, source: Path, texts: Sequence[str], show: Show, steps: list[Step]
) -> int:
    try:
        async with opened_bundle(source, local.shelf.root) as bundle:
            keys = await trio.to_thread.run_sync(_chosen, local, bundle, texts)
            if not keys:
                return exits.told(exits.FAILED, _NOTHING)
            found = await install_bundle(
                local.settings, bundle, keys, lambda key, p: show(on_the_way(name_of(key), p))
            )
    except (PackageFailed, PackageRefused) as error:
        return exits.told(exits.FAILED, str(error))
    steps += [_end(key, result) for key, result in found.items()]
    for step in steps:
        show(step)
    return exit_code(steps)


def _chosen(local: Local, bundle: Bundle, texts: Sequence[str]) -> list[PluginKey]:
    """The keys that are named; none named: the enabled ones, but for what is installed and not in the bundle."""
    if not texts:
        there = {name.partition("@")[0] for name in bundle.lock.plugins}
        return [
            key
            for key in local.enabled.keys
            if key.repo != BUILTIN
            and (name_of(key).partition("@")[0] in there or local.shelf.find(key) is None)
        ]
    known = [*local.known(), *keys_of(bundle.lock.plugins)]
    found = [key for text in texts for key in meant(text, known) or (named(text),)]
    return list(dict.fromkeys(found))


def _end(key: PluginKey, found: Installed | PackageFailed | PackageRefused) -> Step:
    if isinstance(found, Installed):
        return done(name_of(key), f"{found.version} is installed", found.version)
    return broken_off(name_of(key), found)


def _activate(instance: Instance, names: Sequence[str], show: Show) -> int:
    """Tell a running instance that plugins are there now."""
    from botkube.cli import instance as client
    from botkube.cli.plugins.remote import order

    async def run() -> int:
        steps = await order(instance, "install", {"plugins": names, "update": False}, show)
        return exit_code(steps)

    code = exits.OK
    try:
        code = run_until_signalled(run)
    except* client.NoAnswer as group:
        code = client.told(group)
    return code
