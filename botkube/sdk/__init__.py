"""What a plugin's author imports: derive from Executor or Source, write one async method, call `serve`."""

from botkube.model.ids import new_id
from botkube.model.message import (
    BulletList,
    Button,
    ContextItem,
    LabelInput,
    Message,
    MessageType,
    MultiSelect,
    Section,
    Select,
    Selects,
    TextField,
)
from botkube.runtime.logs import fields as log_fields
from botkube.runtime.override import override
from botkube.sdk.build import code_block, message, plaintext, section, skip
from botkube.sdk.check import InvalidMessage
from botkube.sdk.command import Result, find_program, run_command
from botkube.sdk.elements import (
    bullet_list,
    button,
    context,
    external_select,
    fields,
    multi_select,
    select,
    selects,
    text_input,
    url_button,
)
from botkube.sdk.errors import UserError
from botkube.sdk.event import Emit, Event
from botkube.sdk.kubeconfig import kubeconfig_file
from botkube.sdk.lengths import Duration, duration
from botkube.sdk.output import Output
from botkube.sdk.parse import Arg, CommandParser, HelpAsked
from botkube.sdk.plugin import Executor, NoConfig, Reply, Source, WebhookSource
from botkube.sdk.request import (
    ExecuteInput,
    ExternalInput,
    MessageContext,
    StateEntry,
    StreamInput,
    User,
)
from botkube.sdk.schema import json_schema
from botkube.sdk.serve import serve

__all__ = [
    "Arg",
    "BulletList",
    "Button",
    "CommandParser",
    "ContextItem",
    "Duration",
    "Emit",
    "Event",
    "ExecuteInput",
    "Executor",
    "ExternalInput",
    "HelpAsked",
    "InvalidMessage",
    "LabelInput",
    "Message",
    "MessageContext",
    "MessageType",
    "MultiSelect",
    "NoConfig",
    "Output",
    "Reply",
    "Result",
    "Section",
    "Select",
    "Selects",
    "Source",
    "StateEntry",
    "StreamInput",
    "TextField",
    "User",
    "UserError",
    "WebhookSource",
    "bullet_list",
    "button",
    "code_block",
    "context",
    "duration",
    "external_select",
    "fields",
    "find_program",
    "json_schema",
    "kubeconfig_file",
    "log_fields",
    "message",
    "multi_select",
    "new_id",
    "override",
    "plaintext",
    "run_command",
    "section",
    "select",
    "selects",
    "serve",
    "skip",
    "text_input",
    "url_button",
]
