"""What a plugin's author imports: derive from Executor or Source, write one async method, call `serve`."""

from botkube.model.ids import new_id
from botkube.model.message import Message, MessageType, Section
from botkube.runtime.override import override
from botkube.sdk.build import (
    bullet_list,
    button,
    code_block,
    context,
    fields,
    multi_select,
    plaintext,
    section,
    select,
    selects,
    skip,
    text_input,
    url_button,
)
from botkube.sdk.config import Duration, duration
from botkube.sdk.errors import UserError
from botkube.sdk.event import Emit, Event
from botkube.sdk.plugin import Executor, NoConfig, Source
from botkube.sdk.request import ExecuteInput, ExternalInput, StateEntry, StreamInput, User
from botkube.sdk.serve import serve

__all__ = [
    "Duration",
    "Emit",
    "Event",
    "ExecuteInput",
    "Executor",
    "ExternalInput",
    "Message",
    "MessageType",
    "NoConfig",
    "Section",
    "Source",
    "StateEntry",
    "StreamInput",
    "User",
    "UserError",
    "bullet_list",
    "button",
    "code_block",
    "context",
    "duration",
    "fields",
    "multi_select",
    "new_id",
    "override",
    "plaintext",
    "section",
    "select",
    "selects",
    "serve",
    "skip",
    "text_input",
    "url_button",
]
