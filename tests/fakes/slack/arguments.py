"""What calls of the Web API carry, and the texts in what they say."""

import json
from urllib.parse import parse_qsl, urlsplit

from tests.fakes.receiver import Call


def arguments_of(call: Call) -> dict[str, object]:
    """Of the query, and of a body that is a form or JSON."""
    found: dict[str, object] = dict(parse_qsl(urlsplit(call.path).query))
    if "json" in call.headers.get("content-type", ""):
        found |= json.loads(call.body or b"{}")
    elif "form-urlencoded" in call.headers.get("content-type", ""):
        found |= dict(parse_qsl(call.body.decode(), keep_blank_values=True))
    return found


def texts_of(value: object) -> list[str]:
    """Every text in blocks, in their order."""
    if isinstance(value, list):
        return [text for child in value for text in texts_of(child)]
    if isinstance(value, dict):
        own = [str(value["text"])] if isinstance(value.get("text"), str) else []
        return own + [text for child in value.values() for text in texts_of(child)]
    return []
