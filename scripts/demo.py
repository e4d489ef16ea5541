"""Shows in the playground what happens at Slack: the real program, connected to the test suite's fake of Slack."""

import argparse
import signal
import sys
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import trio

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))

from demo_story import Story
from demo_watch import watching
from slack_config import LOUD, QUIET, slack_config

from tests.fakes.program import Program
from tests.fakes.slack.server import FakeSlack, serving_slack

LOOK = """\
Open the URL that is printed. Three channels are of interest:

  events  every event, as the playground itself gets it: one message each
  slack   what stands in the channels of the fake Slack, new messages and edited ones
  story   what happens: states of the connection as in /readyz, and in the end the account

storm    Waves of events come, 10,000 in all, far more than the one message a second and channel that Slack takes.
         Look at *slack*: the events of a wave are merged into few messages, and none is missing in the account.
outage   Slack goes away and comes back. Look at *story*: the state changes from ready to retrying and back. Look at
         *slack*: ticks and answers that were due meanwhile come afterwards, each once.

Ctrl-C ends it.
"""


def main() -> int:
    """Run one of the shows until it is told to stop."""
    parser = argparse.ArgumentParser(
        prog="scripts/demo",
        description=__doc__,
        epilog=LOOK,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("show", choices=["storm", "outage"])
    parser.add_argument("--seconds", type=float, default=60.0, help="how long it lasts (60)")
    parser.add_argument("--events", type=int, default=10_000, help="of the storm (10000)")
    parser.add_argument("--quit", action="store_true", help="end after the account")
    options = parser.parse_args()
    if options.seconds <= 0 or options.events < Story.WAVES:
        parser.error(f"--seconds must be above 0, and --events at least {Story.WAVES}")
    return trio.run(run, options)


async def run(options: argparse.Namespace) -> int:
    """Run a show; 1 if something was lost."""
    good = False
    with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_stopping, signals, nursery.cancel_scope)
            async with serving_slack() as slack, started(options, slack) as program:
                print(f"Look at {program.url_with_token}   (Ctrl-C ends it)", flush=True)
                async with program.connected() as api, watching(slack, api) as watch:
                    good = await Story(options, slack, api, watch).run()
                    if not options.quit:
                        await trio.sleep_forever()
            nursery.cancel_scope.cancel()
    return 0 if good else 1


async def _stopping(signals: AsyncIterator[int], scope: trio.CancelScope) -> None:
    await anext(signals)
    print("\nending", flush=True)
    scope.cancel(reason="somebody wants it to end")


@asynccontextmanager
async def started(options: argparse.Namespace, slack: FakeSlack) -> AsyncGenerator[Program]:
    """The program while the block runs; then it drains, within 30 s."""
    with tempfile.TemporaryDirectory(prefix="botkube-demo-") as folder:
        program = Program(Path(folder), config_of(options, slack.api_url))
        try:
            await trio.to_thread.run_sync(program.start)
            yield program
        finally:
            with trio.move_on_after(40, shield=True):
                await trio.to_thread.run_sync(_end, program)


def _end(program: Program) -> None:
    process = program.process
    if process is not None and process.poll() is None:
        program.stop()
    program.close()


def config_of(options: argparse.Namespace, api_url: str) -> str:
    """A configuration with the playground and Slack, both bound to the same source."""
    beat: dict[str, object] = {"interval": "1s", "text": "tick {n}."}
    if options.show == "storm":
        wave = options.events // Story.WAVES
        gap = f"{options.seconds / (Story.WAVES + 1) * 1000:.0f}ms"
        beat |= {"interval": gap, "burst": wave, "count": wave * Story.WAVES}
    pages = {"story": QUIET, "slack": QUIET, "events": LOUD}
    return slack_config(api_url, beat=beat, pages=pages)


if __name__ == "__main__":
    sys.exit(main())
