"""Where plugins are installed, and from where, as the configuration says; for the program and for its commands."""

import os
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from botkube.app.statedir import cache_dir as cache_dir  # noqa: PLC0414 - here it is looked for
from botkube.config import Config
from botkube.config.schema.plugins import Repository as RepositorySettings
from botkube.model.plugin import PluginKey
from botkube.packages.cache.lockfile import read_lock
from botkube.packages.cache.shelf import Shelf
from botkube.packages.download.headers import render_headers
from botkube.packages.download.source import Repository
from botkube.packages.download.web import Access
from botkube.packages.errors import PackageFailed
from botkube.packages.index.choose import NotOffered, choose, this_platform
from botkube.packages.index.keys import keys_of
from botkube.packages.index.signature import Policy
from botkube.packages.install import InstallSettings
from botkube.packages.inventory import kept_indexes
from botkube.plugins.directories import own_part

LOCK_FILE: Final = "plugins.lock"  # in the state directory, unless plugins.lockFile says otherwise


def lock_path(config: Config, state_dir: Path) -> Path:
    """Return where the versions of installed plugins are kept."""
    return Path(config.plugins.lock_file or state_dir / LOCK_FILE).absolute()


def plugin_shelf(config: Config, environ: Mapping[str, str], state_dir: Path) -> Shelf:
    """Return what knows the installed plugins. Reads directories: call it in a thread.

    Raises: PluginUnusable if the cache is a directory that others can write, and our part of it is not ours.
    """
    plugins = config.plugins
    return Shelf(
        root=own_part(cache_dir(plugins.cache_dir, environ, state_dir)),
        lock_file=lock_path(config, state_dir),
        platform=this_platform(),
        required={
            name: repository.signature.public_key
            for name, repository in plugins.repositories.items()
            if repository.signature.rule == "require"
        },
    )


def install_settings(config: Config, environ: Mapping[str, str], shelf: Shelf) -> InstallSettings:
    """Return what an installer needs; what is wrong with one repository is said when it is used."""
    return InstallSettings(
        shelf=shelf,
        repositories={
            name: _repository(name, given, environ)
            for name, given in config.plugins.repositories.items()
        },
    )


def signature_policies(config: Config) -> Mapping[str, Policy]:
    """Return what each repository wants of signatures."""
    return {name: given.signature.rule for name, given in config.plugins.repositories.items()}


def unoffered(
    config: Config, plugins: Iterable[PluginKey], shelf: Shelf
) -> Iterator[tuple[PluginKey, str]]:
    """Give the plugins that are not installed, and that the index which was fetched last does not have, with the reason.

    Blocking, for a thread.

    Raises: PackageRefused if the lock file cannot be read.
    """
    indexes = kept_indexes(shelf.root, config.plugins.repositories)
    lock = read_lock(shelf.lock_file)
    for key in plugins:
        if key.repo in indexes and lock.get(key) is None:
            try:
                choose(indexes[key.repo], key, shelf.platform)
            except NotOffered as error:
                yield key, str(error)


def make_root(shelf: Shelf) -> None:
    """Make the directory of the cache if it is not there. Blocking, for a thread.

    Raises: PackageFailed.
    """
    private = shelf.root.name == f"botkube-{os.geteuid()}"
    try:
        shelf.root.mkdir(mode=0o700 if private else 0o755, parents=True, exist_ok=True)
    except OSError as error:
        raise PackageFailed(
            f"{shelf.root} cannot be made ({error.strerror}): make it, or set plugins.cacheDir"
        ) from error


def configured(config: Config) -> Iterator[PluginKey]:
    """Give every plugin key of a configuration, enabled or not."""
    for _, _, key, _ in _entries(config):
        yield key


def enabled_at(config: Config, key: PluginKey) -> Iterator[str]:
    """Give where a plugin is enabled, as a key of the configuration."""
    for section, group, found, enabled in _entries(config):
        if enabled and found == key:
            yield f"{section}.{group}.{key}"


def _entries(config: Config) -> Iterator[tuple[str, str, PluginKey, bool]]:
    for name, group in config.executors.items():
        for text, entry in group.plugins.items():
            for key in keys_of(
                [f"executor {text}"]
            ):  # none: the checks tolerate it where it is not enabled
                yield "executors", name, key, entry.enabled
    for name, group in config.sources.items():
        for text, entry in group.plugins.items():
            for key in keys_of([f"source {text}"]):
                yield "sources", name, key, entry.enabled


def _repository(name: str, given: RepositorySettings, environ: Mapping[str, str]) -> Repository:
    access = Access(
        homes=tuple(filter(None, (given.url, *given.mirrors))),
        headers=partial(render_headers, given.headers, environ, name),
        proxy=given.proxy.reveal(),
        ca_file=str(Path(given.ca_file).absolute()) if given.ca_file else "",
    )
    signature = given.signature
    return Repository(
        name=name, access=access, public_key=signature.public_key, policy=signature.rule
    )
