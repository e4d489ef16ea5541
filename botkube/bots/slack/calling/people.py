"""Users' real names: asked for once, kept for an hour, bounded; whoever cannot be named keeps their id."""

from typing import Final

import trio

from botkube.bots.slack.calling import api
from botkube.bots.slack.calling.outcome import Later, Ok
from botkube.bots.slack.calling.paced import PacedApi
from botkube.bots.slack.calling.rates import Lane, Turn

LIFE: Final = 3600.0  # seconds
AGAIN: Final = 60.0  # until one who could not be named is asked for again
PATIENCE: Final = 1.0  # seconds that a command waits for a name
MOST: Final = 4096
_TURN: Final = Turn(lane=Lane.REPLY, patience=PATIENCE)


class People:
    """The users of one workspace."""

    def __init__(self, paced: PacedApi) -> None:
        self._paced = paced
        self._names: dict[str, tuple[str, float]] = {}  # by id, with the time until it holds

    async def name_of(self, user: str, fallback: str = "") -> str:
        """The name of a user by their id; within a second, else the fallback or the id.

        Cancellation: nothing is lost but the asking.
        """
        await trio.lowlevel.checkpoint()
        name, until = self._names.get(user, ("", 0.0))
        if trio.current_time() >= until or not until:
            name = await self._ask(user)
        return name or fallback or user

    async def _ask(self, user: str) -> str:
        answer = None
        with trio.move_on_after(PATIENCE):
            answer = await self._paced.call(api.user_info(user), _TURN)
        name = ""
        if isinstance(answer, Ok):
            name = answer.text("user", "real_name") or answer.text("user", "name")
        life = LIFE if name or not isinstance(answer, Later | None) else AGAIN
        self._names.pop(user, None)
        if len(self._names) >= MOST:
            self._names.pop(next(iter(self._names)))
        self._names[user] = (name, trio.current_time() + life)
        return name
