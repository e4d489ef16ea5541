"""The plugins over HTTP: who is let in, what is answered, line by line, and who reads slowly or leaves."""

import json
import logging
from pathlib import Path

import msgspec
import pytest
import trio
import trio.testing

from botkube.app.foundation import DOORS, PLUGINS
from botkube.app.orders.api import PluginApi, plugin_routes
from botkube.app.plugins.logs import Rings
from botkube.runtime.ring import Ring
from botkube.web.doors import Doors
from botkube.web.guard import Guard
from botkube.web.http import BODY, Answer, HttpError, Request, Response, Share, Streaming
from tests.fakes.ordering import FREE, USED, V1, V2, Rig, ordering
from tests.fakes.repository import Answer as Reply
from tests.fakes.repository import always
from tests.fakes.shop import path_of

pytestmark = pytest.mark.real


class Caller:
    """Asks the API of a rig as a client would."""

    def __init__(self, rig: Rig, rings: Rings | None = None) -> None:
        self.rings = rings or {USED: Ring(lines=3, size=1000), FREE: Ring(lines=3, size=1000)}
        api = PluginApi(rig.base, rig.stock, rig.orders, self.rings)
        self._doors = Doors(DOORS)
        self._handler = plugin_routes(api, Guard(token="t"))

    async def ask(
        self, method: str, path: str, body: object = None, token: str = "t", **query: str
    ) -> Answer:
        async def read_body(_limit: int = BODY, _share: Share | None = None, /) -> bytes:
            await trio.lowlevel.checkpoint()
            return body if isinstance(body, bytes) else msgspec.json.encode(body)

        request = Request(
            method=method,
            path=f"/api/v1/plugins{path}",
            query=query,
            headers={"host": "localhost", "authorization": f"Bearer {token}"},
            read_body=read_body,
        )
        one, below = PLUGINS
        with self._doors.opened(one, self._handler), self._doors.opened(below, self._handler):
            return await self._doors.handle(request)

    async def streaming(
        self, method: str, path: str, body: object = None, **query: str
    ) -> Streaming:
        answer = await self.ask(method, path, body, **query)
        assert isinstance(answer, Streaming)
        assert answer.content_type == "application/x-ndjson"
        return answer

    async def lines(
        self, method: str, path: str, body: object = None, **query: str
    ) -> list[dict[str, object]]:
        sent: list[bytes] = []

        async def send(data: bytes) -> None:
            await trio.lowlevel.checkpoint()
            sent.append(data)

        with trio.fail_after(100):
            await (await self.streaming(method, path, body, **query)).run(send)
        data = b"".join(sent)
        assert not data or data.endswith(b"\n")
        return [json.loads(line) for line in data.splitlines()]

    async def refused(self, method: str, path: str, body: object = None, **query: str) -> HttpError:
        with pytest.raises(HttpError) as caught:
            await self.ask(method, path, body, **query)
        return caught.value


async def test_only_with_the_token_and_only_what_there_is(tmp_path: Path) -> None:
    async with ordering(tmp_path) as rig:
        caller = Caller(rig)
        for method, path in (("GET", ""), ("GET", "/logs"), ("POST", "/install")):
            assert (await caller.refused(method, path, token="x")).status == 401
        for method, path in (("GET", "/install"), ("POST", ""), ("GET", "/x"), ("DELETE", "/logs")):
            assert (await caller.refused(method, path)).status == 404
        many = {"plugins": ["r/used"] * 257}
        bodies = (b"{", b"[]", {"plugins": "r/used"}, {"plugins": ["used"]}, {"plugins": [1]}, many)
        for body in bodies:
            error = await caller.refused("POST", "/install", body)
            assert (error.status, bool(str(error))) == (400, True)
        for path in ("/remove", "/rollback"):
            assert (await caller.refused("POST", path, {})).status == 400


async def test_every_plugin_is_listed_with_its_state(tmp_path: Path) -> None:
    async with ordering(tmp_path) as rig:
        caller = Caller(rig)
        await caller.lines("POST", "/install", {"plugins": ["r/free"]})
        answer = await caller.ask("GET", "")
        assert isinstance(answer, Response)
        rows = {f"{row['kind']} {row['plugin']}": row for row in json.loads(answer.body)}
        used, free = rows["executor r/used"], rows["executor r/free"]
        assert (used["installed"], used["latest"], used["update"]) == (V1, V2, True)
        assert used["running"] == V1
        assert (used["state"], used["enabled"], used["health"]) == ("ready", True, "ok")
        assert (free["installed"], free["enabled"], free.get("state", "")) == (V1, False, "")
        assert rows["executor builtin/echo"]["health"] == "built in"
        rig.shelved.install(USED, V2)  # as a command in the files would: nothing is started anew
        answer = await caller.ask("GET", "")
        assert isinstance(answer, Response)
        [used] = [row for row in json.loads(answer.body) if row["plugin"] == "r/used"]
        assert (used["installed"], used["running"]) == (V2, V1)
        rig.shelved.lock_file.write_text("{")
        error = await caller.refused("GET", "")
        assert (error.status, "is damaged" in str(error)) == (503, True)


async def test_an_order_is_told_line_by_line_to_its_end(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with ordering(tmp_path) as rig:
        caller = Caller(rig)
        lines = await caller.lines("POST", "/install", {"plugins": ["r/used"], "update": True})
        assert lines[-1] == {
            "plugin": "executor r/used",
            "stage": "done",
            "done": 0,
            "total": 0,
            "text": f"{V2} is installed in place of {V1}",
            "version": V2,
            "unknown": False,
        }
        stages = {"waiting", "index", "downloading", "checking"}  # it may tidy up just then
        assert {str(line["stage"]) for line in lines[:-1]} <= stages
        lines = await caller.lines("POST", "/rollback", {"plugins": ["r/used"]})
        assert [(line["stage"], line["version"]) for line in lines] == [("done", V1)]
        lines = await caller.lines("POST", "/remove", {"plugins": ["r/used", "r/free"]})
        assert [line["stage"] for line in lines] == ["refused", "refused"]
    said = [text for text in caplog.messages if text.startswith("ordered over the API: ")]
    assert said[:2] == [
        f"ordered over the API: update executor r/used: done: {V2} is installed in place of {V1}",
        f"ordered over the API: rollback executor r/used: done: is at {V1} again, after {V2}",
    ]
    assert len(said) == 4
    assert "remove executor r/used: refused: is enabled" in " ".join(said)


async def test_who_leaves_gives_up_what_nobody_else_waits_for(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with ordering(tmp_path) as rig:
        caller = Caller(rig)
        rig.server.pages[path_of("free", V1)] = always(Reply(body=b"f" * 9, stop=3))
        begun = trio.Event()

        async def send(data: bytes) -> None:
            await trio.lowlevel.checkpoint()
            if b"downloading" in data:
                begun.set()

        async def read(scope: trio.CancelScope) -> None:
            with scope:
                await (await caller.streaming("POST", "/install", {"plugins": ["r/free"]})).run(
                    send
                )

        with trio.fail_after(100):
            async with trio.open_nursery() as nursery:
                scopes = trio.CancelScope(), trio.CancelScope()
                for scope in scopes:
                    nursery.start_soon(read, scope)
                await begun.wait()
                scopes[0].cancel()
                await trio.testing.wait_all_tasks_blocked(0.05)
                assert len(nursery.child_tasks) == 1
                scopes[1].cancel()
            rig.server.put(path_of("free", V1), b"f1")
            lines = await caller.lines("POST", "/install", {"plugins": ["r/free"]})
        assert lines[-1]["stage"] == "done"
        assert rig.version(FREE) == V1
    given_up = "ordered over the API: install executor r/free: given up"
    assert len([text for text in caplog.messages if text.startswith(given_up)]) == 2


def record(number: int) -> bytes:
    return b'{"msg":"%d"}' % number


async def test_the_newest_lines_of_a_plugin_and_those_that_come(tmp_path: Path) -> None:
    async with ordering(tmp_path) as rig:
        caller = Caller(rig)
        ring = caller.rings[USED]
        for number in range(5):
            ring.add(record(number))
        got = await caller.lines("GET", "/logs", plugin="r/used", lines="2")
        assert [line["msg"] for line in got] == ["3", "4"]
        assert await caller.lines("GET", "/logs", plugin="executor r/free") == []
        sent: list[bytes] = []
        slow = trio.Event()

        async def send(data: bytes) -> None:
            sent.append(data)
            await slow.wait()

        answer = await caller.streaming("GET", "/logs", plugin="r/used", lines="1", follow="true")
        async with trio.open_nursery() as nursery:
            nursery.start_soon(answer.run, send)
            await trio.testing.wait_all_tasks_blocked()
            for number in range(5, 11):
                ring.add(record(number))
            slow.set()
            await trio.testing.wait_all_tasks_blocked()
            nursery.cancel_scope.cancel()
        first, second = sent
        assert first == record(4) + b"\n"
        gap, *others = [json.loads(line) for line in second.splitlines()]
        assert (gap["level"], gap["msg"]) == ("warning", "3 lines were left out")
        assert [line["msg"] for line in others] == ["8", "9", "10"]


async def test_logs_of_which_plugin_are_meant_must_be_clear(tmp_path: Path) -> None:
    async with ordering(tmp_path) as rig:
        caller = Caller(rig)
        error = await caller.refused("GET", "/logs", plugin="r/other")
        assert error.status == 404
        assert "there are: executor r/used, executor r/free" in str(error)
        assert (await caller.refused("GET", "/logs", plugin="used")).status == 400
        assert (await caller.refused("GET", "/logs", plugin="r/used", lines="-1")).status == 400
        twin = msgspec.structs.replace(USED, kind="source")
        both = Caller(rig, {USED: Ring(lines=1, size=1), twin: Ring(lines=1, size=1)})
        error = await both.refused("GET", "/logs", plugin="r/used")
        assert (error.status, "say which: executor r/used, source r/used" in str(error)) == (
            400,
            True,
        )
        assert await both.lines("GET", "/logs", plugin="source r/used") == []
