"""The configuration, lock file and cache of this machine, for commands that do their work themselves."""

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import msgspec
from msgspec.structs import replace

from botkube.app.build import build
from botkube.app.owner import work_as_owner
from botkube.app.plugins.packages import (
    cache_dir,
    configured,
    install_settings,
    lock_path,
    make_root,
    plugin_shelf,
    signature_policies,
)
from botkube.app.statedir import Instance, StateDirError, default_state_dir
from botkube.builtin import NAMES
from botkube.cli import exits
from botkube.cli.config import load_configuration
from botkube.config import Config
from botkube.config.report import render_text
from botkube.model.errors import BotkubeError, ConfigError
from botkube.model.plugin import PluginKey, parse_plugin_key
from botkube.packages.cache.shelf import Shelf
from botkube.packages.index.keys import named
from botkube.packages.install import InstallSettings
from botkube.packages.inventory import Enabled, Row, inventory, kept_indexes


class Where(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line says of where things are, and how to print."""

    config: tuple[Path, ...] = ()
    state_dir: Path | None = None
    cache_dir: Path | None = None
    lock_file: Path | None = None  # a running instance's
    output: Literal["text", "json"] = "text"

    @property
    def here(self) -> bool:
        """Whether this machine's files are named, so that no running instance is meant."""
        return bool(self.config or self.cache_dir)

    @property
    def as_json(self) -> bool:
        """Whether stdout is for programs."""
        return self.output == "json"


class Local(msgspec.Struct, frozen=True, kw_only=True):
    """What is configured and where it is installed."""

    config: Config
    enabled: Enabled
    settings: InstallSettings

    @property
    def shelf(self) -> Shelf:
        """What is installed."""
        return self.settings.shelf

    def rows(self) -> list[Row]:
        """Every plugin that is known here.

        Raises: PackageRefused if the lock file cannot be read.
        """
        indexes = kept_indexes(self.shelf.root, self.settings.repositories)
        return inventory(self.enabled, self.shelf, indexes, signature_policies(self.config))

    def known(self) -> list[PluginKey]:
        """The keys that the configuration, the lock file and the cache name.

        Raises: as `rows`.
        """
        rows = inventory(self.enabled, self.shelf, {})
        return [*(parse_plugin_key(row.kind, row.plugin) for row in rows), *configured(self.config)]


def open_local(where: Where, *, make: bool = False, changes: bool = True) -> Local:
    """Read the configuration and find the cache, `make` it if it is not there; the command ends if that cannot be.

    As root, for good the owner of cache and lock file is worked as, unless there are no changes in them.
    """
    config = read_config(where)
    try:
        plan = build(config)
        state_dir = (where.state_dir or default_state_dir(os.environ)).absolute()
        if changes:
            cache = cache_dir(config.plugins.cache_dir, os.environ, state_dir)
            work_as_owner(cache, lock_path(config, state_dir).parent, make=make)
        shelf = plugin_shelf(config, os.environ, state_dir)
        if make:
            make_root(shelf)
    except ConfigError as error:
        exits.fail(exits.CONFIG, str(error))
    except (StateDirError, BotkubeError, OSError) as error:
        exits.fail(exits.FAILED, str(error))
    return Local(
        config=config,
        enabled=Enabled(keys=plan.plugins, built_in=NAMES),
        settings=install_settings(config, os.environ, shelf),
    )


def read_config(where: Where) -> Config:
    """Return the configuration; the command ends with 3 if it cannot be used."""
    loaded = load_configuration(where.config)
    if loaded.config is None:
        print(render_text(loaded.problems), end="", file=sys.stderr)
        raise SystemExit(exits.CONFIG)
    return placed(loaded.config, where)


def placed(config: Config, where: Where) -> Config:
    """Return the configuration with the places that are named instead of its own."""
    named = {"cache_dir": where.cache_dir, "lock_file": where.lock_file}
    given = {name: str(path.absolute()) for name, path in named.items() if path is not None}
    return replace(config, plugins=replace(config.plugins, **given))


def check_keys(texts: Sequence[str]) -> None:
    """End the command with 2 if a text is no plugin key."""
    try:
        for text in texts:
            named(text)
    except ConfigError as error:
        exits.fail(exits.USAGE, str(error))


def asked_instance(where: Where) -> Instance | None:
    """Return the running instance that a command is for, None if it is for this machine's files.

    The command ends with 4 if there may be one that is another user's.
    """
    from botkube.cli.instance import look

    if where.here:
        return None
    try:
        return look(where.state_dir, os.environ)[0]
    except StateDirError as error:
        exits.fail(exits.UNREACHABLE, f"{error}, or name your own configuration with --config")


def at_instance(where: Where) -> Where:
    """Return the places of the running instance, if there is one and nothing else is named.

    The command ends with 4 if there may be one that is another user's.
    """
    instance = asked_instance(where)
    return where if instance is None else places_of(instance, where)


def places_of(instance: Instance, where: Where) -> Where:
    """Return where an instance has its plugins; the command ends with 4 if it does not tell."""
    if not instance.cache_dir or not instance.lock_file:
        exits.fail(
            exits.UNREACHABLE,
            f"the running instance (pid {instance.pid}) does not tell where its plugins are: "
            "name its places with --config, --state-dir and --cache-dir",
        )
    return replace(
        where,
        config=tuple(map(Path, instance.config_paths)),
        cache_dir=Path(instance.cache_dir),
        lock_file=Path(instance.lock_file),
    )


def ending(body: Callable[[], int]) -> int:
    """Run a command that looks at this machine; a known error ends it with 1."""
    try:
        return body()
    except BotkubeError as error:
        exits.fail(exits.FAILED, str(error))
