"""Shows a command while it runs: the end of its output, at most one edit a second, the latest wins."""

import codecs
from collections.abc import Awaitable, Callable
from typing import Final

import trio

from botkube.engine.commands.running import Run
from botkube.model.command import Partial
from botkube.model.errors import BotkubeError
from botkube.model.message import BOT_NAME, Body, Button, Message, Section

QUIET: Final = 1.0  # seconds until a command that says nothing is shown as running
PAUSE: Final = 1.0  # between edits
KEPT: Final = 12_000  # characters of output that are shown, from the end
CUT: Final = "… (earlier output is left out)\n"


class Live:
    """The output of one running command, and what a user sees of it."""

    def __init__(
        self, run: Run, description: str, show: Callable[[Partial], Awaitable[None]]
    ) -> None:
        self._run = run
        self._description = description
        self._show = show
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._text = ""
        self._cut = False
        self._changed = trio.Event()

    def output(self, data: bytes) -> None:
        """Take output; never waits, and keeps the end of it."""
        self._text += self._decoder.decode(data[-4 * KEPT :])
        if len(self._text) > KEPT:
            self._text = self._text[-KEPT:].partition("\n")[2] or self._text[-KEPT:]
            self._cut = True
        self._changed.set()

    @property
    def text(self) -> str:
        """The output as it is shown."""
        return (CUT if self._cut else "") + self._text

    async def run(self) -> None:
        """Show what there is, until cancelled.

        Cancellation: at once; an edit that was begun may still appear, before the final reply.
        """
        with trio.move_on_after(QUIET):
            await self._changed.wait()
        while True:
            self._changed = trio.Event()
            try:
                await self._show(self._partial())
            except BotkubeError:  # a full disk: the final reply says so, and is tried again
                self._changed.set()
            await trio.sleep(PAUSE)
            await self._changed.wait()

    def _partial(self) -> Partial:
        body = Body(code_block=self.text) if self._text else Body(plaintext="Running…")
        stop = Button(name="Stop", command=f"{BOT_NAME} cancel {self._run.id}", style="danger")
        message = Message(base_body=body, sections=(Section(buttons=(stop,)),))
        return Partial(message=message, description=self._description)
