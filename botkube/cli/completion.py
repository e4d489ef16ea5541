"""The names of plugins, for the shell to complete. It never fails and never asks the network."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from botkube.app.plugins.packages import configured, plugin_shelf
from botkube.app.statedir import default_state_dir
from botkube.builtin import NAMES
from botkube.cli.config import load_configuration
from botkube.cli.plugins.local import Where, placed
from botkube.config import Config
from botkube.config.bindings import BUILTIN
from botkube.packages.cache.lockfile import read_lock
from botkube.packages.cache.shelf import Shelf
from botkube.packages.inventory import kept_indexes


def names(given: Mapping[str, object], incomplete: str, *, built_in: bool = True) -> list[str]:
    """Return the keys that begin so, `built_in` ones too; `given` are the options on the command line so far."""
    try:
        own = {f"{BUILTIN}/{name}" for name in NAMES}
        found = own | set(_names(given)) if built_in else set(_names(given)) - own
    except (Exception, SystemExit):  # noqa: BLE001 - a shell wants names or none
        return []
    return sorted(name for name in found if name.startswith(incomplete))


def _names(given: Mapping[str, object]) -> Iterator[str]:
    paths = given.get("config") or ()
    named = [Path(str(path)) for path in paths] if isinstance(paths, list | tuple) else []
    config = load_configuration(tuple(named)).config
    if config is None:
        return
    yield from map(str, configured(config))
    shelf = _shelf(config, given)
    for name in read_lock(shelf.lock_file).plugins:
        yield name.partition(" ")[2]
    for repo, index in kept_indexes(shelf.root, config.plugins.repositories).items():
        yield from (f"{repo}/{entry.name}" for entry in index.entries)


def _shelf(config: Config, given: Mapping[str, object]) -> Shelf:
    state_dir, cache_dir = (
        Path(str(given[name])) if given.get(name) else None for name in ("state_dir", "cache_dir")
    )
    where = Where(state_dir=state_dir, cache_dir=cache_dir)
    return plugin_shelf(
        placed(config, where), os.environ, state_dir or default_state_dir(os.environ)
    )
