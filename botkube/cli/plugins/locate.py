"""Which program `botkube plugins run` starts: a file, a built-in plugin, or what `botkube run` would start of a cache."""

import os
import sys
from pathlib import Path
from typing import NoReturn

from botkube.app.owner import work_as_owner
from botkube.app.plugins.packages import cache_dir, lock_path
from botkube.app.plugins.placing import Places
from botkube.app.statedir import SYSTEM, StateDirError, default_state_dir
from botkube.builtin import NAMES
from botkube.cli import exits
from botkube.cli.plugins.local import Where, at_instance, read_config
from botkube.model.errors import BotkubeError, ConfigError
from botkube.model.plugin import PluginKey, PluginKind, parse_plugin_key
from botkube.packages.index.keys import meant, only
from botkube.plugins.catalog import BUILTIN, Program, own_command


def locate(name: str, kinds: tuple[PluginKind, ...], where: Where) -> Program:
    """Find the program of a plugin of one of these kinds; without one the command ends."""
    if Path(name).is_file():
        return Program(argv=(name,))
    if name.endswith(".py") or name.startswith((".", "/", "~")):
        _not_there(f"there is no file {name}")
    builtin = name.removeprefix(f"{BUILTIN}/")
    if "/" in builtin:
        return _installed(name, kinds, where)
    if builtin not in NAMES:
        _not_there(
            f"there is neither a file {name} nor a built-in plugin of that name ({', '.join(NAMES)})"
        )
    own = own_command(frozen=getattr(sys, "frozen", False))
    return Program(argv=(*own, builtin), own=True)


def _installed(name: str, kinds: tuple[PluginKind, ...], where: Where) -> Program:
    problem = ""
    try:
        places = _places(at_instance(where))
        for kind in kinds:
            try:
                return places.locate(_locked(places, kind, name))
            except BotkubeError as error:
                problem = problem or str(error)
    except BotkubeError as error:
        problem = str(error)
    return _not_there(problem)


def _places(where: Where) -> Places:
    """Where `botkube run` looks too, and as whom root may."""
    config = read_config(where)
    try:
        state_dir = where.state_dir or default_state_dir(os.environ)
    except StateDirError:  # a user without a home
        state_dir = SYSTEM
    places = Places(config=config, environ=os.environ, state_dir=state_dir.absolute())
    cache = cache_dir(config.plugins.cache_dir, os.environ, places.state_dir)
    work_as_owner(cache, lock_path(config, places.state_dir).parent)
    return places


def _locked(places: Places, kind: PluginKind, name: str) -> PluginKey:
    """The key that is locked for a name, else the name as it is: somebody may have put it there."""
    found = meant(f"{kind} {name}", places.locked())
    try:
        return next(iter(only(name, found)), parse_plugin_key(kind, name))
    except ConfigError as error:
        exits.fail(exits.USAGE, str(error))


def _not_there(text: str) -> NoReturn:
    exits.fail(exits.UNREACHABLE, text)
