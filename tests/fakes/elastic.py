"""An Elasticsearch or OpenSearch on a real socket, as far as the sink asks it: root, indices, templates, `_bulk`.

It is checked against osmem, which others wrote. By itself (`python -m tests.fakes.elastic LATENCY`) it is for benchmarks.
"""

import sys
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

import msgspec
import trio

from tests.fakes.receiver import Answer, Call, serve

EXISTS = "resource_already_exists_exception"
Judge = Callable[[str, str, Mapping[str, object]], Mapping[str, object] | None]
"""What an item gets by index, id and document: a result without effect, or None for the usual one."""


def json_answer(value: object, status: int = 200, **headers: str) -> Answer:
    """An answer in JSON."""
    given = {"Content-Type": "application/json", **headers}
    return Answer(status=status, headers=given, body=msgspec.json.encode(value))


def error_answer(status: int, kind: str, reason: str = "because") -> Answer:
    """An error as the real ones answer it."""
    return json_answer({"error": {"type": kind, "reason": reason}, "status": status}, status)


class FakeElastic:
    """Documents by index and id; `before` may answer a call in its place."""

    def __init__(self, version: str = "8.15.0", distribution: str = "") -> None:
        self.version = version
        self.distribution = distribution
        self.indices: dict[str, dict[str, object]] = {}  # what they were made with
        self.templates: dict[str, object] = {}
        self.legacy: dict[str, object] = {}  # templates of the older kind, made by others
        self.documents: dict[str, dict[str, object]] = {}
        self.types: set[str] = set()
        self.stored = 0
        self.doubled = 0  # creations of what was there
        self.before: Callable[[Call], Answer | None] = lambda _: None
        self.judge: Judge = lambda *_: None

    @property
    def typed(self) -> bool:
        """Whether it knows document types."""
        return not self.distribution and int(self.version.partition(".")[0]) < 8

    def decide(self, call: Call) -> Answer:
        """Answer a call."""
        return self.before(call) or self._usual(call)

    def _usual(self, call: Call) -> Answer:
        path = urlsplit(call.path).path
        match call.method, path.strip("/").split("/"):
            case "GET", [""]:
                about = {"number": self.version}
                about |= {"distribution": self.distribution} if self.distribution else {}
                return json_answer({"name": "fake", "version": about})
            case "HEAD", [index]:
                return Answer(status=200 if index in self.indices else 404)
            case "GET" | "PUT", ["_index_template" | "_template", *_]:
                return self._template(call, path)
            case "PUT", [index]:
                return self._make(index, call.body)
            case "POST", ["_bulk"]:
                return self._bulk(call)
            case _:
                reason = f"no handler for {call.path}"
                return error_answer(400, "illegal_argument_exception", reason)

    def _template(self, call: Call, path: str) -> Answer:
        if call.method == "GET":
            return json_answer(self.legacy)
        self.templates[path] = msgspec.json.decode(call.body)
        return json_answer({"acknowledged": True})

    def _make(self, index: str, body: bytes) -> Answer:
        if index in self.indices:
            return error_answer(400, EXISTS, f"index [{index}/x] already exists")
        self.indices[index] = msgspec.json.decode(body)
        return json_answer({"acknowledged": True})

    def _bulk(self, call: Call) -> Answer:
        kind = call.headers.get("content-type", "")
        if not kind.startswith("application/x-ndjson") or not call.body.endswith(b"\n"):
            return error_answer(406, "content_type_header_exception")
        lines = call.body.split(b"\n")[:-1]
        results = [self._item(*pair) for pair in zip(lines[::2], lines[1::2], strict=True)]
        errors = any(int(str(r["status"])) >= 300 for r in results)
        return json_answer(
            {"took": 1, "errors": errors, "items": [{"create": one} for one in results]}
        )

    def _item(self, head: bytes, line: bytes) -> Mapping[str, object]:
        action = msgspec.json.decode(head)["create"]
        document = msgspec.json.decode(line)
        index, name = action["_index"], action["_id"]
        if "_type" in action:
            if not self.typed:
                return _failed(400, "illegal_argument_exception", "unknown parameter [_type]")
            self.types.add(action["_type"])
        judged = self.judge(index, name, document)
        if judged is not None:
            return judged
        return self._create(index, name, document)

    def _create(self, index: str, name: str, document: object) -> Mapping[str, object]:
        self.indices.setdefault(index, {"by itself": True})
        there = self.documents.setdefault(index, {})
        if name in there:
            self.doubled += 1
            return _failed(409, "version_conflict_engine_exception", "document already exists")
        there[name] = document
        self.stored += 1
        return {"_index": index, "_id": name, "status": 201}


def _failed(status: int, kind: str, reason: str) -> Mapping[str, object]:
    return {"status": status, "error": {"type": kind, "reason": reason}}


failed = _failed


def main(latency: float) -> None:
    """Take everything, without keeping it."""
    fake = FakeElastic()

    def decide(call: Call) -> Answer:
        if call.path.startswith("/_bulk"):
            number = call.body.count(b"\n") // 2
            fake.stored += number
            body = b'{"items":[' + b",".join([b'{"create":{"status":201}}'] * number) + b"]}"
            return Answer(body=body, delay=latency)
        return fake.decide(call)

    trio.run(serve, decide, lambda: {"events": fake.stored})


if __name__ == "__main__":
    main(float(sys.argv[1]))
