"""`botkube plugins run`: one plugin by itself, asked once."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal

import msgspec
import trio

from botkube.cli import exits
from botkube.cli.interrupt import run_until_signalled
from botkube.cli.plugins.local import Where
from botkube.cli.plugins.locate import locate
from botkube.cli.plugins.show import Screen
from botkube.model.plugin import PluginKind
from botkube.plugins.catalog import Program
from botkube.sdk.testing import CallFailed, PluginGone, PluginHarness

_OTHERS: Final = {
    "source.Source": "it is an executor: use --command",
    "executor.Executor": "it is a source: use --stream",
}


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """The command line of `plugins run`."""

    plugin: str
    command: str | None = None
    stream: bool = False
    external_request: Path | None = None
    help_message: bool = False
    metadata: bool = False
    config: tuple[Path, ...] = ()
    kubeconfig: Path | None = None
    events: int | None = None
    state_dir: Path | None = None
    cache_dir: Path | None = None
    log_level: str = "info"
    output: Literal["text", "json"] = "text"


def run(options: Options) -> int:
    """Start the plugin, ask it, print what it says; returns the exit code."""
    given = (options.command is not None, options.external_request is not None)
    if sum(given) + options.stream + options.help_message + options.metadata != 1:
        exits.fail(
            exits.USAGE,
            "give one of --command, --stream, --external-request, --help-message and --metadata",
        )
    where = Where(state_dir=options.state_dir, cache_dir=options.cache_dir)
    asking = Asking(options, locate(options.plugin, _kinds(options), where))
    try:
        return run_until_signalled(asking.run)
    except* BrokenPipeError:  # whoever read has seen enough
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - for the rest of the run
    return exits.OK


def _kinds(options: Options) -> tuple[PluginKind, ...]:
    if options.command is not None or options.help_message:
        return ("executor",)
    return ("executor", "source") if options.metadata else ("source",)


class Asking:
    """One plugin and what it is asked."""

    def __init__(self, options: Options, program: Program) -> None:
        self._options = options
        self._program = program
        self._screen = Screen(as_json=options.output == "json")
        self._config = [path.read_bytes() for path in options.config]
        self._kube_config = options.kubeconfig.read_bytes() if options.kubeconfig else b""

    async def run(self) -> int:
        """Start the plugin, ask it, and end it; the exit code."""
        started = False
        try:
            async with PluginHarness.start(
                _only(self._program.argv),
                env={"LOG_LEVEL_PLUGIN": self._options.log_level},
                dependencies=self._program.dependency_dir,
                on_log=self._screen.log,
            ) as plugin:
                started = True
                await self._ask(plugin)
        except (CallFailed, PluginGone) as error:
            self._screen.error(_explained(str(error)))
            return exits.FAILED if started else exits.UNREACHABLE
        return exits.OK

    async def _ask(self, plugin: PluginHarness) -> None:
        if self._options.command is not None:
            self._screen.answer(
                await plugin.execute(
                    self._options.command,
                    self._config,
                    kube_config=self._kube_config,
                    on_output=self._screen.live,
                )
            )
        elif self._options.external_request is not None:
            payload = await trio.Path(self._options.external_request).read_bytes()
            config = self._config[-1] if self._config else None
            self._screen.event(await plugin.handle_external_request(payload, config))
        elif self._options.stream:
            await self._stream(plugin)
        elif self._options.help_message:
            self._screen.message(await plugin.help())
        else:
            self._screen.metadata(await plugin.metadata())

    async def _stream(self, plugin: PluginHarness) -> None:
        told = 0
        async with plugin.stream(self._config, kube_config=self._kube_config) as events:
            async for event in events:
                self._screen.event(event)
                told += 1
                if told == self._options.events:
                    return
        self._screen.note("the plugin ended the stream")


def _explained(text: str) -> str:
    """An error in words that help, where a plugin of one kind was asked what only the other answers."""
    for service, fix in _OTHERS.items():
        signs = (
            f"unknown method /{service}/",
            f"unknown service {service}",
        )  # of our SDK; of grpc-go
        if any(sign in text for sign in signs):
            return fix
    return text


def _only(argv: Sequence[str]) -> str | Sequence[str]:
    """A file by itself: the harness knows how to start it."""
    return argv[0] if len(argv) == 1 else argv
