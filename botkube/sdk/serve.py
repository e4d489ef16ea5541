"""Runs a plugin as the process a host started: serves until the host asks it to stop, or is gone."""

import logging
import os
import signal
import sys
from contextlib import suppress
from io import TextIOWrapper
from types import FrameType
from typing import TextIO, TypeVar

import trio

from botkube.model.errors import FatalError
from botkube.runtime.parentwatch import wait_parent_exit
from botkube.sdk.adapter import ExecutorAdapter, SourceAdapter, StreamingAdapter
from botkube.sdk.logs import configure_logging
from botkube.sdk.plugin import Executor, Source, check_plugin
from botkube.wire.handshake import check_launched_by_host
from botkube.wire.server import arm_hard_exit, serve_plugin

log = logging.getLogger(__name__)

Config = TypeVar("Config")


def serve(plugin: Executor[Config] | Source[Config]) -> None:
    """Be this plugin until the host stops it, or is gone: the whole main program of a plugin.

    Started by anything but a host, it says what it is on stderr and exits with 1; so it does if something of the plugin
    is missing that hosts need. Calls that are running then are cancelled, and the process ends within 1.5 s.
    """
    try:
        check_plugin(plugin)
        check_launched_by_host(os.environ)
    except (FatalError, ValueError) as error:
        sys.exit(f"{getattr(plugin, 'name', 'plugin')}: {error}")  # to stderr, with status 1
    parent = os.getppid()  # before there is a handshake, after which the host may end at any time
    configure_logging(os.environ, sys.stderr)
    # Ctrl-C reaches the whole process group; stopping is the host's decision. A handler, since SIG_IGN
    # would be inherited by the programs that the plugin runs.
    signal.signal(signal.SIGINT, _ignore)
    stdout = _take_stdout()
    try:
        trio.run(_serve, plugin, stdout, parent)
    except Exception:
        log.exception("Plugin %s stopped", plugin.name)
        sys.exit(1)


async def _serve(plugin: Executor[Config] | Source[Config], stdout: TextIO, parent: int) -> None:
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_leave_with_parent, parent, nursery.cancel_scope)
        if isinstance(plugin, Executor):
            adapter = StreamingAdapter if plugin.streams_output else ExecutorAdapter
            await serve_plugin(executor=adapter(plugin), environ=os.environ, stdout=stdout)
        else:
            await serve_plugin(source=SourceAdapter(plugin), environ=os.environ, stdout=stdout)
        nursery.cancel_scope.cancel(reason="the host asked for it")


async def _leave_with_parent(parent: int, scope: trio.CancelScope) -> None:
    try:
        await wait_parent_exit(parent)
    except OSError as error:
        log.warning("Cannot watch the host, so this process may outlive it: %s", error)
        return
    arm_hard_exit()  # the plugin's own clean-up may hang, and nobody is left to kill it
    scope.cancel(reason="the host is gone")


def _take_stdout() -> TextIO:
    """Keep the real stdout for the handshake alone; whatever anyone prints goes to stderr, which hosts log."""
    with suppress(OSError):
        sys.stdout.flush()
    kept = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(
            line_buffering=True
        )  # seen when it is printed, not when the plugin ends
    return kept


def _ignore(_signum: int, _frame: FrameType | None) -> None:
    pass
