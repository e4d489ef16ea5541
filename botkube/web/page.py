"""The playground's page, from memory: a handful of small files read once."""

import hashlib
from pathlib import Path
from typing import Final

from botkube.web.doors import plainly
from botkube.web.guard import Guard
from botkube.web.http import Answer, Handler, HttpError, Request, Response

FOLDER: Final = Path(__file__).parent / "static"
TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json",
}
SECURITY: Final = (
    (
        "content-security-policy",
        (
            "default-src 'self'; connect-src 'self'; img-src 'self' data:; "
            "style-src 'self'; script-src 'self'; frame-ancestors 'none'; base-uri 'none'"
        ),
    ),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cache-control", "no-cache"),  # a restart may bring a new version: ask, and get 304
)


def page(guard: Guard) -> Handler:
    """The handler of `/` and `/assets/…`. The page holds no secret; its API asks for the cookie."""
    files = {
        f"/assets/{path.relative_to(FOLDER).as_posix()}": path.read_bytes()
        for path in FOLDER.rglob("*")
        if path.suffix in TYPES
    }

    def handle(request: Request) -> Answer:
        guard.check_origin(request)
        if request.method not in ("GET", "HEAD"):
            raise HttpError(405, "only GET is possible here")
        if request.path == "/":
            return guard.exchange(request) or _file(request, "/assets/index.html", files)
        return _file(request, request.path, files)

    return plainly(handle)


def _file(request: Request, name: str, files: dict[str, bytes]) -> Response:
    data = files.get(name)
    if data is None:
        raise HttpError(404, f"there is nothing at {request.path}")
    tag = f'"{hashlib.sha256(data).hexdigest()[:16]}"'
    headers = (*SECURITY, ("etag", tag))
    if request.headers.get("if-none-match") == tag:
        return Response(status=304, headers=headers)
    return Response(body=data, content_type=TYPES[Path(name).suffix], headers=headers)
