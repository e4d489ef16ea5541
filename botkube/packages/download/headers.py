"""Header values of a repository: the original's templates `{{ .Remote.APIKey }}`, from the environment. Pure."""

import re
from collections.abc import Mapping
from typing import Final

from botkube.config.schema.values import Secret
from botkube.packages.errors import PackageRefused

_FIELDS: Final = {
    "Endpoint": "CONFIG_PROVIDER_ENDPOINT",
    "Identifier": "CONFIG_PROVIDER_IDENTIFIER",
    "APIKey": "CONFIG_PROVIDER_API_KEY",
}
_ACTION: Final = re.compile(r"(\s*)\{\{(-\s)?\s*(.*?)\s*(\s-)?\}\}(\s*)", re.DOTALL)
_FIELD: Final = re.compile(r"\.Remote\.(\w+)")
_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_OURS: Final = frozenset(
    ("host", "range", "if-range", "accept-encoding", "content-length", "transfer-encoding")
)


def render_headers(
    headers: Mapping[str, Secret], environ: Mapping[str, str], repository: str
) -> dict[str, str]:
    """Return the headers as they are sent.

    Raises: PackageRefused for what cannot be a header; the text never holds a value.
    """
    return {
        name: _value(
            name, secret.reveal(), environ, f"plugins.repositories.{repository}.headers.{name}"
        )
        for name, secret in headers.items()
    }


def _value(name: str, text: str, environ: Mapping[str, str], key: str) -> str:
    if not _NAME.fullmatch(name) or name.lower() in _OURS:
        raise PackageRefused(f"{key} cannot be set: choose another header")
    rendered = _render(text, environ, key) if "{{" in text else text
    if not all(c.isprintable() or c == "\t" for c in rendered) or not rendered.isascii():
        raise PackageRefused(f"{key} holds a character that no header may have: encode it")
    return rendered.strip()


def _render(text: str, environ: Mapping[str, str], key: str) -> str:
    remote = bool(environ.get("CONFIG_PROVIDER_IDENTIFIER"))

    def value(found: re.Match[str]) -> str:
        before, trim_left, action, trim_right, after = found.groups()
        field = _FIELD.fullmatch(action)
        if field is None or field[1] not in _FIELDS:
            known = ", ".join(f"{{{{ .Remote.{name} }}}}" for name in _FIELDS)
            raise PackageRefused(f"{key} has a template that is not known: write one of {known}")
        inner = environ.get(_FIELDS[field[1]], "") if remote else ""
        return ("" if trim_left else before) + inner + ("" if trim_right else after)

    rendered = _ACTION.sub(value, text)
    if _ACTION.search(text) is None:
        raise PackageRefused(f"{key} has a template that does not end: write }}}} after it")
    return rendered
