"""Which handler answers which path, and what a shut door says."""

from contextlib import ExitStack

import pytest

from botkube.web.doors import Doors, plainly
from botkube.web.http import Answer, Handler, HttpError, Request, Response


def request(path: str) -> Request:
    return Request(method="GET", path=path, query={}, headers={})


def named(name: str) -> Handler:
    return plainly(lambda _: Response(body=name.encode()))


async def answer_of(doors: Doors, path: str) -> str:
    return await said_by(doors.handle, path)


async def said_by(handler: Handler, path: str) -> str:
    try:
        answer: Answer = await handler(request(path))
    except HttpError as error:
        return str(error.status)
    assert isinstance(answer, Response)
    return answer.body.decode()


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/", "page"),
        ("/healthz", "health"),
        ("/healthz/", "page"),
        ("/api/v1/", "api"),
        ("/api/v1/channels", "api"),
        ("/api/v1", "page"),
        ("/api/v1x", "page"),
        ("/anything", "page"),
        ("", "404"),
        ("*", "404"),
    ],
)
async def test_the_longest_fitting_door_answers(path: str, answer: str) -> None:
    doors = Doors(("/", "/healthz", "/api/v1/"))
    with ExitStack() as stack:
        for name, word in (("/", "page"), ("/healthz", "health"), ("/api/v1/", "api")):
            stack.enter_context(doors.opened(name, named(word)))
        assert await answer_of(doors, path) == answer


async def test_a_door_is_shut_before_and_after() -> None:
    doors = Doors(("/x/",))
    assert await answer_of(doors, "/x/y") == "503"
    with doors.opened("/x/", named("open")):
        assert await answer_of(doors, "/x/y") == "open"
        doors.shut("/x/")
        assert await answer_of(doors, "/x/y") == "503"
    assert await answer_of(doors, "/x/y") == "503"
    assert await answer_of(doors, "/other") == "404"


async def test_a_shut_door_does_not_let_a_wider_one_answer() -> None:
    doors = Doors(("/", "/api/"))
    with doors.opened("/", named("page")):
        assert await answer_of(doors, "/api/x") == "503"


async def test_a_listener_of_its_own_serves_only_its_doors() -> None:
    doors = Doors(("/", "/metrics", "/api/"))
    with doors.opened("/metrics", named("metrics")), doors.opened("/", named("page")):
        handler = doors.only("/metrics", "/api/")
        assert await said_by(handler, "/metrics") == "metrics"
        assert await said_by(handler, "/api/x") == "503"
        assert await said_by(handler, "/") == "404"
        assert await said_by(handler, "/metrics/x") == "404"


async def test_a_door_that_breaks_shuts_too() -> None:
    doors = Doors(("/",))
    with pytest.raises(ZeroDivisionError), doors.opened("/", named("page")):
        raise ZeroDivisionError
    assert await answer_of(doors, "/") == "503"


async def test_a_closed_door_says_why() -> None:
    doors = Doors(("/", "/hooks/"))
    doors.close("/hooks/", 501, "not in this version")
    with doors.opened("/", named("page")), pytest.raises(HttpError, match="not in this") as caught:
        await doors.handle(request("/hooks/x"))
    assert caught.value.status == 501
