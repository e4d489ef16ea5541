"""What a user sees of a running command, on a virtual clock."""

import trio
import trio.testing

from botkube.engine.commands.live import CUT, KEPT, Live
from botkube.engine.commands.running import RunningCommands
from botkube.model.call import Call
from botkube.model.command import Partial
from botkube.model.errors import StorageError
from tests.fakes.engine import channel_with, executor, said

CALL = Call(
    key=executor("echo").key,
    command="echo",
    configs=(),
    incoming=said("echo"),
    channel=channel_with(),
)


class Screen:
    """Keeps what is shown and when; `full`: the disk takes nothing."""

    def __init__(self) -> None:
        self.shown: list[tuple[float, Partial]] = []
        self.full = False

    async def show(self, partial: Partial) -> None:
        """Show it."""
        await trio.lowlevel.checkpoint()
        if self.full:
            raise StorageError("full")
        self.shown.append((trio.current_time(), partial))


def live_on(screen: Screen) -> Live:
    with RunningCommands(lambda: 0.0).entered(CALL) as run:
        return Live(run, "above", screen.show)


async def times(live: Live, screen: Screen, seconds: float) -> list[float]:
    began = trio.current_time()
    with trio.move_on_after(seconds):
        await live.run()
    return [round(at - began, 3) for at, _ in screen.shown]


async def test_silence_is_shown_once_after_a_second(autojump_clock: trio.testing.MockClock) -> None:
    screen = Screen()
    assert await times(live_on(screen), screen, 60) == [1.0]
    message = screen.shown[0][1].message
    assert message.base_body.plaintext == "Running…"
    [button] = message.sections[0].buttons
    assert (button.name, button.command.startswith("{{BotName}} cancel ")) == ("Stop", True)


async def test_one_edit_a_second_and_the_latest_wins(
    autojump_clock: trio.testing.MockClock,
) -> None:
    screen = Screen()
    live = live_on(screen)

    async def talk() -> None:
        for number in range(31):
            live.output(f"{number}\n".encode())
            await trio.sleep(0.1)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(talk)
        assert await times(live, screen, 10) == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert screen.shown[-1][1].message.base_body.code_block.endswith("29\n30\n")


async def test_a_full_disk_is_tried_again(autojump_clock: trio.testing.MockClock) -> None:
    screen = Screen()
    screen.full = True
    live = live_on(screen)

    async def freed() -> None:
        await trio.sleep(2.5)
        screen.full = False

    async with trio.open_nursery() as nursery:
        nursery.start_soon(freed)
        assert await times(live, screen, 10) == [3.0]


def test_only_the_end_is_kept() -> None:
    live = live_on(Screen())
    for number in range(200_000):
        live.output(f"line {number}\n".encode())
    assert len(live.text) <= KEPT + len(CUT)
    assert live.text.startswith(CUT)
    assert live.text.endswith("line 199999\n")


def test_letters_may_be_cut_anywhere() -> None:
    live = live_on(Screen())
    for byte in "añ😀\n".encode() + b"\xff":
        live.output(bytes([byte]))
    assert live.text == "añ😀\n�"
