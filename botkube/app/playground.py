"""Puts the playground's API on the listener: paths, methods, tokens, status codes."""

from collections.abc import Awaitable, Callable

from botkube.bots.playground.api import PREFIX, PlaygroundApi, Refused, send_events
from botkube.bots.playground.stream import Cursor
from botkube.model.errors import StorageError
from botkube.model.frame import Frame
from botkube.web.guard import Guard
from botkube.web.http import (
    Answer,
    Handler,
    HttpError,
    Request,
    Response,
    Streaming,
    Upgrade,
    WebSocket,
    as_json,
)


def playground_routes(api: PlaygroundApi, guard: Guard) -> Handler:
    """The handler of `/api/v1/…`."""

    async def handle(request: Request) -> Answer:
        guard.check(request)
        try:
            return await _route(api, request)
        except Refused as error:
            raise HttpError(error.status, str(error)) from error
        except StorageError as error:
            raise HttpError(503, str(error)) from error

    return handle


async def _route(api: PlaygroundApi, request: Request) -> Answer:
    path = request.path.removeprefix(PREFIX)
    match request.method, path.split("/"):
        case "GET", ["channels"]:
            return as_json(await api.list_channels())
        case "POST", ["channels", *name, "messages"]:  # a name may have a slash in it
            return _created(await api.post_message("/".join(name), await request.read_body()))
        case "GET", ["channels", *name, "history"]:
            return Response(body=await api.history("/".join(name), request.query))
        case "POST", ["interactions"]:
            return _created(await api.interact(await request.read_body()))
        case "GET", ["stream"]:
            return _stream(api, request)
        case _:
            pass
    raise HttpError(404, f"there is no {request.method} {request.path}")


def _created(frame: Frame) -> Response:
    return as_json({"id": frame.id, "seq": frame.seq}, status=201)


def _stream(api: PlaygroundApi, request: Request) -> Answer:
    after = request.query.get("after")
    if "text/event-stream" in request.headers.get("accept", ""):
        cursor = api.cursor(request.headers.get("last-event-id", after))
        return Streaming(run=_events(cursor), content_type="text/event-stream")
    return Upgrade(run=_frames(api.cursor(after)))


def _events(cursor: Cursor) -> Callable[[Callable[[bytes], Awaitable[None]]], Awaitable[None]]:
    return lambda send: send_events(cursor, send)


def _frames(cursor: Cursor) -> Callable[[WebSocket], Awaitable[None]]:
    async def run(socket: WebSocket) -> None:
        while True:
            await socket.send(*(item.data for item in await cursor.next()))

    return run
