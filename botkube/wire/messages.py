"""The messages of the plugin services as plain values; how they are encoded is the codec's business."""

from collections.abc import Mapping
from typing import Literal

import msgspec


class ExecuteRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One command for an executor plugin, with everything it may know about who asked and where."""

    command: str
    configs: tuple[bytes, ...] = ()
    interactive: bool = False
    slack_state: bytes = b""
    kube_config: bytes = b""
    text: str = ""
    url: str = ""
    parent_activity_id: str = ""
    mention: str = ""
    display_name: str = ""
    webhook_base_url: str = ""


class ExecuteResponse(msgspec.Struct, frozen=True, kw_only=True):
    """The JSON of the reply and of further messages."""

    message: bytes = b""
    messages: tuple[bytes, ...] = ()


class StreamRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Opens one event stream of a source plugin."""

    configs: tuple[bytes, ...] = ()
    interactive: bool = False
    cluster_name: str = ""
    source_name: str = ""
    kube_config: bytes = b""
    webhook_base_url: str = ""
    webhook_full_url: str = ""


class ExternalRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One incoming HTTP request for a source plugin."""

    payload: bytes = b""
    config: bytes = b""
    interactive: bool = False
    cluster_name: str = ""
    source_name: str = ""
    webhook_base_url: str = ""
    webhook_full_url: str = ""


class Metadata(msgspec.Struct, frozen=True, kw_only=True):
    """What a plugin says about itself for an index.

    `dependencies` is name → "os/arch" → URL. `external_request_schema` is None unless a source takes external requests.
    """

    version: str
    description: str
    json_schema: str = ""
    schema_ref_url: str = ""
    documentation_url: str = ""
    recommended: bool = False
    dependencies: Mapping[str, Mapping[str, str]] = {}
    external_request_schema: str | None = None


class StdioChunk(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of what a plugin's code printed."""

    channel: Literal["stdout", "stderr"]
    data: bytes
