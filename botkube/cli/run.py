"""`botkube run`: configuration, logs, state directory, then the program."""

import logging
import os
import resource
import sys
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import msgspec

from botkube.app.build import Plan, build
from botkube.app.main import Run, run_program
from botkube.app.statedir import StateDirError, default_state_dir
from botkube.cli import exits
from botkube.cli.config import load_configuration
from botkube.config import Config, Loaded
from botkube.config.report import one_line, render_text
from botkube.model.errors import BotkubeError, ConfigError
from botkube.runtime import logs
from botkube.runtime.policy import describe

log = logging.getLogger(__name__)

FILES = 65536  # open files wanted: a thousand browsers and a hundred plugins are no problem


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """The command line of `run`."""

    config: tuple[Path, ...] = ()
    state_dir: Path | None = None
    listen: str = ""
    open: bool = False
    log_format: Literal["text", "json"] | None = None
    log_level: str = ""


def run(options: Options) -> int:
    """Run the program; returns its exit code."""
    loaded = load_configuration(options.config)
    plan = _plan(loaded)
    if plan is None:
        return exits.CONFIG
    _configure_logs(options, plan.config)
    for problem in loaded.warnings:
        log.warning("configuration: %s", one_line(problem))
    _raise_file_limit()
    state_dir = (options.state_dir or default_state_dir(os.environ)).absolute()
    try:
        return run_program(
            Run(
                plan=plan,
                state_dir=state_dir,
                environ=dict(os.environ),
                listen=options.listen,
                announce=lambda url, token: _announce(options, url, token, state_dir),
            )
        )
    except (StateDirError, BotkubeError, BaseExceptionGroup) as error:
        return _failed(error)


def _plan(loaded: Loaded) -> Plan | None:
    if loaded.config is None:
        print(render_text(loaded.problems), end="", file=sys.stderr)
        return None
    try:
        return build(loaded.config)
    except ConfigError as error:
        print(f"error: {error}", file=sys.stderr)
        return None


def _configure_logs(options: Options, config: Config) -> None:
    terminal = sys.stderr.isatty()
    configured = config.settings.log
    formatter = options.log_format or configured.formatter or ("text" if terminal else "json")
    logs.configure(
        options.log_level or configured.level or "info",
        "json" if formatter == "json" else "text",
        terminal and not configured.disable_colors and "NO_COLOR" not in os.environ,
        sys.stderr,
    )


def _raise_file_limit() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _announce(options: Options, url: str, token: str, state_dir: Path) -> None:
    """Tell a person where it is and what to do next. A service's output is kept: no token there."""
    kept = any(
        os.environ.get(n) for n in ("JOURNAL_STREAM", "INVOCATION_ID", "KUBERNETES_SERVICE_HOST")
    )
    full = f"{url}/?token={quote(token)}"
    shown = f"{url} (token: {state_dir / 'token'})" if kept else full
    print(f"Botkube is running: {shown}", flush=True)
    if not kept:
        print("Open it and type: @Botkube echo hello", flush=True)
        print("Or from another terminal: botkube chat echo hello", flush=True)
    if options.open:
        import webbrowser

        webbrowser.open(full)


def _failed(error: BaseException) -> int:
    if isinstance(error, BaseExceptionGroup):
        ours, others = error.split(BotkubeError)
        if others is not None:
            log.critical("the program broke", exc_info=others)
            return exits.FAILED
        error = ours or error
    print(f"botkube: {describe(error)}", file=sys.stderr)
    return exits.FAILED
