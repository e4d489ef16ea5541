"""What a person sees of the fake Slack: its messages, and the state of the connection, as messages of the playground."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Final

import httpx
import trio

from tests.fakes.program import Api
from tests.fakes.slack.server import FakeSlack

PAUSE: Final = 0.25  # seconds between two looks
PARTS: Final = ("platform:default-socketSlack", "deliver:default-socketSlack")
LONGEST: Final = 1500  # letters of a message that are shown


class Watch:
    """Says in the playground what is new."""

    def __init__(self, slack: FakeSlack, api: Api) -> None:
        self._slack = slack
        self._api = api
        self._shown: dict[tuple[str, str], str] = {}
        self._states: Mapping[str, str] = {}
        self.states: list[str] = []  # of the connection, in their order

    async def tell(self, text: str) -> None:
        """Say something on both screens."""
        print(text, flush=True)
        await self._post("story", text, "demo")

    async def mirror(self) -> None:
        """Show messages as they come and change; a message that changes fast is shown as it is at last."""
        while True:
            for message in list(self._slack.workspace.messages):
                key = (message.channel, message.ts)
                if self._shown.get(key) != message.shown:
                    edited = "edited: " if key in self._shown else ""
                    self._shown[key] = message.shown
                    name = self._slack.workspace.channels.get(message.channel, message.channel)
                    text = f"{edited}{message.shown.strip()[:LONGEST]}"
                    await self._post("slack", text or "(nothing)", f"#{name}")
            await trio.sleep(PAUSE)

    async def watch(self) -> None:
        """Tell the platform's states. It is another process, which tells nobody."""
        while True:
            with suppress(httpx.HTTPError):
                await self._look()
            await trio.sleep(PAUSE)

    async def _look(self) -> None:
        parts = (await self._api.client.get("/readyz")).json().get("parts", {})
        for name, part in parts.items():
            if name not in PARTS:
                continue
            text = f"{part['state']} {part['reason']}".strip()
            if self._states.get(name) != text:
                self._states = {**self._states, name: text}
                if name == PARTS[0] and part["state"] not in self.states[-1:]:
                    self.states.append(part["state"])
                await self.tell(f"{name} is {text}")

    async def _post(self, channel: str, text: str, user: str) -> None:
        with suppress(httpx.HTTPError):
            await self._api.post(channel, text, user)


@asynccontextmanager
async def watching(slack: FakeSlack, api: Api) -> AsyncGenerator[Watch]:
    """Somebody who watches while the block runs."""
    watch = Watch(slack, api)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(watch.mirror)
        nursery.start_soon(watch.watch)
        yield watch
        nursery.cancel_scope.cancel()
