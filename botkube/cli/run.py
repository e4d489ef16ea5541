"""`botkube run`: configuration, logs, state directory, then the program."""

import logging
import os
import resource
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import msgspec

from botkube.app.build import Plan, build
from botkube.app.main import Run, run_program
from botkube.app.statedir import StateDirError, default_state_dir
from botkube.app.whereabouts import first_steps, without_page
from botkube.cli import exits
from botkube.cli.config import load_configuration
from botkube.config import Config, Loaded
from botkube.config.check.webhooks import check_listen
from botkube.config.paths import named_paths
from botkube.config.problem import join
from botkube.config.report import one_line, render_text
from botkube.config.units import parse_address
from botkube.model.errors import BotkubeError, ConfigError
from botkube.runtime import logs
from botkube.runtime.policy import Escalated, describe

log = logging.getLogger(__name__)

KEPT = ("JOURNAL_STREAM", "INVOCATION_ID", "KUBERNETES_SERVICE_HOST")
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
    if options.listen and not _is_address(options.listen):
        exits.fail(
            exits.USAGE, f"--listen: {options.listen!r} is not HOST:PORT, such as 127.0.0.1:2110"
        )
    loaded = load_configuration(options.config)
    plan = _plan(loaded)
    if plan is None:
        return exits.CONFIG
    _configure_logs(options, plan.config)
    for problem in loaded.warnings:
        log.warning("configuration: %s", one_line(problem))
    for finding in check_listen(plan.config, options.listen) if options.listen else ():
        log.warning("--listen: %s %s; %s", join(finding.path), finding.text, finding.fix)
    _raise_file_limit()
    try:
        state_dir = (options.state_dir or default_state_dir(os.environ)).absolute()
        return run_program(
            Run(
                plan=plan,
                state_dir=state_dir,
                environ=dict(os.environ),
                config_paths=named_paths(options.config, os.environ),
                listen=options.listen,
                announce=lambda url, token: _announce(options, plan, url, token, state_dir),
            )
        )
    except (StateDirError, BotkubeError, BaseExceptionGroup) as error:
        return _failed(error)


def _is_address(text: str) -> bool:
    try:
        parse_address(text)
    except ValueError:
        return False
    return True


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


def _announce(options: Options, plan: Plan, url: str, token: str, state_dir: Path) -> None:
    """Tell a person where it is and what to do next. A service's output is kept: no token there."""
    kept = any(os.environ.get(name) for name in KEPT)
    full = f"{url}/?token={quote(token)}"
    lines = [f"Botkube is running: {url} (token: {state_dir / 'token'})"]
    if not plan.platforms:
        place = _place(options, state_dir)
        steps = first_steps(plan, url, f"{_own_name()} doctor slack{place}")
        lines += [] if kept else steps
    elif not kept:
        lines = _page_steps(options, full, state_dir)
    _print(lines)
    if options.open:
        _open(plan, full)


def _page_steps(options: Options, full: str, state_dir: Path) -> list[str]:
    word = "help" if named_paths(options.config, os.environ) else "echo hello"
    return [
        f"Botkube is running: {full}",
        f"Open it and type: @Botkube {word}",
        f"Or from another terminal: {_own_name()} chat{_place(options, state_dir)} {word}",
    ]


def _place(options: Options, state_dir: Path) -> str:
    return f" --state-dir {shlex.quote(str(state_dir))}" if options.state_dir else ""


def _print(lines: Sequence[str]) -> None:
    try:
        print(*lines, sep="\n", flush=True)
    except OSError as error:  # a reader that went away is no reason to stop
        log.warning("nobody reads standard output: %s", error.strerror)
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - for the rest of the run


def _open(plan: Plan, full: str) -> None:
    if not plan.platforms:
        log.warning("--open: there is no page to open: %s", without_page(plan))
        return
    import threading
    import webbrowser

    # Some browsers stay in the foreground: that must not hold up the program.
    threading.Thread(target=webbrowser.open, args=(full,), daemon=True).start()


def _own_name() -> str:
    """How this program is called from a shell."""
    if getattr(sys, "frozen", False):
        return shlex.quote(sys.argv[0])
    beside = Path(sys.executable).with_name("botkube")
    return shlex.quote(str(beside)) if beside.exists() else "botkube"


def _failed(error: BaseException) -> int:
    if isinstance(error, BaseExceptionGroup):
        ours, others = error.split((BotkubeError, Escalated))
        if others is not None:
            log.critical("the program broke", exc_info=others)
            return exits.FAILED
        error = ours or error
    print(f"botkube: {describe(error)}", file=sys.stderr)
    return exits.FAILED
