"""How large a request may be: plugins built on grpc-go's defaults refuse messages over 4 MiB. Pure."""

import msgspec

from botkube.wire.errors import RequestTooLarge

MAX_REQUEST = 4 * 2**20
MAX_RESPONSE = 64 * 2**20

_LABELS = {
    "configs": "plugin configuration",
    "config": "plugin configuration",
    "payload": "request body",
    "kube_config": "kubeconfig",
    "slack_state": "Slack state",
    "text": "message text",
}


def check_size(request: msgspec.Struct, encoded: bytes) -> bytes:
    """Return the encoded request if a plugin can take it.

    Raises:
        RequestTooLarge: RESOURCE_EXHAUSTED; the text names the largest part.
    """
    if len(encoded) <= MAX_REQUEST:
        return encoded
    name, size = largest_part(request)
    raise RequestTooLarge(
        "RESOURCE_EXHAUSTED",
        f"the request has {len(encoded)} bytes, plugins take at most {MAX_REQUEST};"
        f" its largest part is the {_LABELS.get(name, name.replace('_', ' '))} with {size} bytes",
    )


def largest_part(request: msgspec.Struct) -> tuple[str, int]:
    """Name and size in bytes of the largest field of a request."""
    sizes = {name: _size(getattr(request, name)) for name in request.__struct_fields__}
    name = max(sizes, key=lambda field: sizes[field])
    return name, sizes[name]


def _size(value: object) -> int:
    if isinstance(value, tuple):
        return sum(_size(item) for item in value)
    if isinstance(value, str):
        return len(value.encode())
    return len(value) if isinstance(value, bytes) else 0
