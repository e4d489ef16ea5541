"""The program's tree, on one screen. Each level uses only what encloses it; see CONTRIBUTING.md.

root: signals, parent watch, listener ⊃ store ⊃ clients ⊃ delivery ⊃ plugins ⊃ commands ⊃ intake
"""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random

import msgspec
import trio

from botkube import __version__
from botkube.app import statedir
from botkube.app.build import Plan
from botkube.app.buildinfo import version_info
from botkube.app.commands import working
from botkube.app.delivery import delivering
from botkube.app.foundation import DOORS, Base, WebhookPlace, listening, storing
from botkube.app.frozen import tidy_unpacked, watch_bootloader
from botkube.app.hangup import retrying
from botkube.app.intake import taking_in
from botkube.app.orders.api import managing
from botkube.app.plugins.level import hosting, kill_plugins
from botkube.app.plugins.packages import cache_dir, lock_path
from botkube.app.ports import address_of, bind_all, is_wildcard, local_url, webhook_place
from botkube.app.reaching import reaching
from botkube.app.signals import Stop, watch_signals
from botkube.app.status import Board
from botkube.runtime import clock, systemd
from botkube.runtime.doorbell import Doorbell
from botkube.runtime.metrics import Metrics
from botkube.runtime.watchdog import Watchdog
from botkube.web.doors import Doors
from botkube.web.guard import Guard

PLANNED = 28.0  # the sum of the levels' budgets; another shutdownTimeout scales them


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """What a run is given. `announce` is told the URL and the token once it is up."""

    plan: Plan
    state_dir: Path
    environ: Mapping[str, str]
    config_paths: tuple[Path, ...] = ()
    listen: str
    announce: Callable[[str, str], None]


def run_program(run: Run) -> int:
    """Run until a signal asks to stop; returns the exit code.

    Raises:
        StateDirError: the state directory is in use or cannot be used.
        ListenError, StorageError, SchemaTooNew (in groups): what the text says.
    """
    with statedir.locked(run.state_dir):
        return trio.run(_root, run, restrict_keyboard_interrupt_to_checkpoints=True)


async def _root(run: Run) -> int:
    watchdog = Watchdog(run.plan.config.settings.shutdown_timeout)
    async with trio.open_nursery() as nursery:

        def at_once() -> None:
            kill_plugins(run.state_dir)
            nursery.cancel_scope.cancel(reason="asked to stop at once")

        stop = Stop(begin=watchdog.arm, at_once=at_once)
        hangup = Doorbell()
        await nursery.start(watch_signals, stop, hangup)
        nursery.start_soon(watch_bootloader, stop)
        await trio.to_thread.run_sync(tidy_unpacked)
        await _levels(run, stop, hangup)
        nursery.cancel_scope.cancel(reason="everything has stopped")
    watchdog.disarm()
    return stop.exit_code


async def _levels(run: Run, stop: Stop, hangup: Doorbell) -> None:
    ports = await bind_all(run.plan.config, run.listen)
    base = _base(run, webhook_place(run.plan.config, ports))
    host, _ = address_of(ports[0])
    guard = Guard(
        token=base.token,
        hosts=(*run.plan.config.settings.http.hosts, host.lower(), _named(run)),
        any_address=is_wildcard(host),
    )
    async with (
        listening(base, ports),
        storing(base) as stored,
        reaching(base, stored) as slacks,
        delivering(base, stored, slacks) as delivery,
        hosting(base) as plugins,
        working(base, stored, plugins, slacks) as work,
        taking_in(base, stored, plugins, work, guard) as intake,
        managing(base, plugins, guard),
        retrying(hangup, (delivery, *plugins.supervisors, intake)),
    ):
        try:
            _started(run, base, local_url(ports[0]))
            await stop.wait()
        finally:
            stop.unwinding()  # also when a level broke: nothing may hold up the end for ever
            base.board.phase = "stopping"
            systemd.notify("STOPPING=1", run.environ.get("NOTIFY_SOCKET"))


def _base(run: Run, webhooks: WebhookPlace) -> Base:
    metrics = Metrics()
    metrics.config_last_reload_success.set(1)
    metrics.build_info.labels(__version__, version_info()["commit"]).set(1)
    board = Board(metrics, clock.wall)
    return Base(
        plan=run.plan,
        state_dir=run.state_dir,
        environ=run.environ,
        config_paths=run.config_paths,
        token=statedir.load_token(run.state_dir),
        doors=Doors(DOORS),
        board=board,
        metrics=metrics,
        wall=clock.wall,
        random=Random(),
        webhooks=webhooks,
        patience=min(run.plan.config.settings.shutdown_timeout / PLANNED, 1.0),
    )


def _started(run: Run, base: Base, url: str) -> None:
    base.board.phase = "started"
    config = run.plan.config
    instance = statedir.Instance(
        pid=os.getpid(),
        url=url,
        token=base.token,
        version=__version__,
        started_at=clock.rfc3339(clock.wall()),
        started_ms=round(clock.process_age() * 1000),
        config_paths=tuple(str(path.absolute()) for path in run.config_paths),
        cache_dir=str(cache_dir(config.plugins.cache_dir, run.environ, run.state_dir)),
        lock_file=str(lock_path(config, run.state_dir)),
    )
    statedir.publish(run.state_dir, instance)
    systemd.notify("READY=1", run.environ.get("NOTIFY_SOCKET"))
    run.announce(url, base.token)


def _named(run: Run) -> str:
    """The host as it was given: it may be a name of a bound address."""
    given = run.listen or run.plan.config.settings.http.listen
    return given.rpartition(":")[0].strip("[]").lower()
