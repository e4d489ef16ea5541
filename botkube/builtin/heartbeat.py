"""The `heartbeat` source: events at an interval, numbered from 1 in each stream. Shows that notifications arrive."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Final, Literal

import msgspec
import trio
from msgspec import Meta

from botkube.sdk import (
    Duration,
    Emit,
    Event,
    Message,
    Source,
    StreamInput,
    button,
    context,
    duration,
    fields,
    new_id,
    override,
    section,
    serve,
)
from botkube.sdk.event import encode_event

Level = Literal["info", "success", "warning", "error"]

_MOST_BYTES: Final = 16 * 2**20
_SIGNS: Final[Mapping[Level, str]] = {"info": "💙", "success": "💚", "warning": "💛", "error": "❤️"}


class HeartbeatConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Configuration of `heartbeat`."""

    interval: Annotated[
        Duration, Meta(description="Between bursts; 0s: as fast as they are taken.")
    ] = duration("10s")
    burst: Annotated[int, Meta(ge=1, description="Events at a time.")] = 1
    count: Annotated[
        int,
        Meta(ge=0, description="Events in all, 0 for no end; then the stream stays open and idle."),
    ] = 0
    text: Annotated[
        str,
        Meta(
            description="`{n}` is the number of the event, `{run}` an id that is new for every start of the stream."
        ),
    ] = "tick {n}"
    size: Annotated[
        int, Meta(ge=0, le=_MOST_BYTES, description="Bytes that an event is padded to.")
    ] = 0
    level: Annotated[Level, Meta(description="How serious the event is said to be.")] = "info"


class Beat(msgspec.Struct, frozen=True, kw_only=True, rename="pascal", omit_defaults=True):
    """The raw object of an event."""

    title: str
    level: Level
    text: str
    run: str
    n: int
    time_stamp: str
    source: str
    cluster: str
    padding: str = ""


class Heartbeat(Source[HeartbeatConfig]):
    """Emits the first event at once."""

    name = "heartbeat"
    version = "2.0.0"
    description = "Heartbeat emits an event at an interval, to show that notifications arrive."

    @override
    async def stream(self, request: StreamInput, config: HeartbeatConfig, emit: Emit) -> None:
        """Emit until the count is reached, then stay idle."""
        run = new_id()
        due = trio.current_time()
        last = config.count or math.inf
        n = 0
        while n < last:
            for _ in range(config.burst):
                n += 1
                await emit(beat_event(config, request, run, n, datetime.now(UTC)))
                if n >= last:
                    break
            # A burst that was held up is not caught up with: the interval is what the reader is promised.
            due = max(due + config.interval, trio.current_time())
            await trio.sleep_until(due)
        await trio.sleep_forever()


def main() -> None:
    """Be the plugin."""
    serve(Heartbeat())


def beat_event(
    config: HeartbeatConfig, request: StreamInput, run: str, n: int, at: datetime
) -> Event:
    """Return the n-th event of a stream."""
    beat = Beat(
        title="Heartbeat",
        level=config.level,
        text=config.text.replace("{n}", str(n)).replace("{run}", run),
        run=run,
        n=n,
        time_stamp=at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        source=request.source_name,
        cluster=request.cluster_name,
    )
    event = Event(message=_message(beat, interactive=request.interactive), raw=beat)
    return _padded(event, beat, config.size) if config.size else event


def _message(beat: Beat, *, interactive: bool) -> Message:
    reply = button("Echo", command=f"echo heartbeat {beat.n}", style="primary")
    shown = {"Level": beat.level, "N": beat.n, "Run": beat.run, "Time": beat.time_stamp}
    block = section(
        f"{_SIGNS[beat.level]} {beat.title}",
        text=beat.text,
        text_fields=fields(shown),
        buttons=(reply,) if interactive else (),
        context=context(f"From {beat.source} on {beat.cluster}") if beat.source else (),
    )
    return Message(sections=(block,), timestamp=beat.time_stamp)


def _padded(event: Event, beat: Beat, size: int) -> Event:
    empty = msgspec.structs.replace(beat, padding="x")
    missing = size - len(encode_event(msgspec.structs.replace(event, raw=empty)))
    if missing < 0:
        return event
    return msgspec.structs.replace(
        event, raw=msgspec.structs.replace(beat, padding="x" * (missing + 1))
    )
