"""`botkube config check`."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from botkube.cli import exits
from botkube.config import Config, Loaded, embedded_default, load, resolve_paths
from botkube.config.report import render_github, render_json, render_text
from botkube.model.errors import BotkubeError, ConfigError
from botkube.model.plugin import PluginKey
from botkube.runtime.terminal import without_controls


def load_configuration(paths: tuple[Path, ...]) -> Loaded:
    """The configuration that `run` and `check` mean: named files, the environment's, or the default."""
    from botkube.app.builtinconfig import check_builtin_configs

    found = resolve_paths(paths, os.environ)
    if found:
        return load(found, os.environ, check_builtin_configs)
    return embedded_default(os.environ, check_builtin_configs)


def _read(paths: tuple[Path, ...]) -> str:
    found = resolve_paths(paths, os.environ)
    return ", ".join(map(str, found)) or "the embedded default: name files with --config"


def _print_hints(config: Config) -> None:
    """Say what is not wrong with the configuration, but with this machine or this user."""
    import trio

    from botkube.app.build import build
    from botkube.app.plugins.isolating import look

    try:
        plugins = build(config).plugins
    except ConfigError:  # the run will say it
        return
    for text in trio.run(look, config, plugins):
        print(f"hint: {text}")
    _print_unoffered(config, plugins)


def _print_unoffered(config: Config, plugins: Iterable[PluginKey]) -> None:
    """Say which plugins the indexes that were fetched last do not have, if any, and that the lock file is damaged."""
    from botkube.app.plugins.packages import plugin_shelf, unoffered
    from botkube.app.statedir import StateDirError, default_state_dir
    from botkube.packages.errors import PackageRefused

    try:
        shelf = plugin_shelf(config, os.environ, default_state_dir(os.environ).absolute())
        for key, why in unoffered(config, plugins, shelf):
            text = f"{key.kind} {key} cannot be installed: {why}, as it was fetched last"
            print(f"hint: {without_controls(text)}")
    except PackageRefused as error:  # the lock file, for all of them
        print(f"hint: {without_controls(str(error))}")
    except (StateDirError, BotkubeError, OSError):  # the run will say it
        return


def check(paths: tuple[Path, ...], output: Literal["text", "json", "github"]) -> int:
    """Print every problem; returns 3 if there is an error, else 0."""
    if paths and os.environ.get("BOTKUBE_CONFIG_PATHS"):
        print("botkube: BOTKUBE_CONFIG_PATHS wins over --config", file=sys.stderr)
    loaded = load_configuration(paths)
    match output:
        case "json":
            print(render_json(loaded.problems), end="")
        case "github":
            print(render_github(loaded.problems), end="")
        case "text" if not loaded.problems:
            print(f"no problems in {_read(paths)}")
        case "text":
            stream = sys.stderr if loaded.errors else sys.stdout
            print(render_text(loaded.problems), end="", file=stream)
    if output == "text" and loaded.config is not None:
        _print_hints(loaded.config)
    return exits.CONFIG if loaded.errors else exits.OK
