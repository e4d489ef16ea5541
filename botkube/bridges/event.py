"""What a plugin says happened → an event of ours. Pure."""

from botkube.bridges.reading import read_event
from botkube.model.event import Event
from botkube.model.ids import new_id
from botkube.model.message import encode_message


def event_of(raw: bytes, source: str, received_at: float) -> Event:
    """Return the event with an id of its own.

    Raises:
        ProtocolError: the plugin's JSON is no event.
    """
    event = read_event(raw)
    return Event(
        id=new_id(),
        source=source,
        message=encode_message(event.message),
        raw=bytes(event.raw_object),
        received_at=received_at,
    )
