"""A repository with a few plugins that work, and a configuration that uses them."""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.fakes.cached import SLEEPER
from tests.fakes.repository import Answer, Page, Repository, always, entry, index_of, sha256
from tests.gates.configs import several

INDEX = "/index.yaml"


def sleeper(name: str, note: str = "", size: int = 0) -> bytes:
    """A plugin that answers `awake after …`; `note` makes it another file, `size` a larger one."""
    script = SLEEPER.format(python=sys.executable, name=name)
    return script.encode() + f"# {note}\n".encode() + b"#" * size + b"\n"


def path_of(name: str, version: str) -> str:
    """Where its file is on the server."""
    return f"/{name}-{version}"


def offer(server: Repository, files: Mapping[tuple[str, str], bytes]) -> bytes:
    """Serve these files, by name and version, and their index; returns the index."""
    entries = []
    for (name, version), content in files.items():
        server.put(path_of(name, version), content)
        url = server.url + path_of(name, version)
        entries.append(entry(name, url, version=version, checksum=sha256(content)))
    index = index_of(*entries)
    server.put(INDEX, index)
    return index


def stuck(content: bytes, at: int) -> Page:
    """A server that says nothing more after so many bytes; its file can be gone on with."""
    tag = f'"{sha256(content)[:16]}"'
    return always(Answer(headers={"ETag": tag}, body=content, stop=at))


def config(
    folder: Path,
    url: str,
    executors: Sequence[str],
    *,
    signature: Mapping[str, str] | None = None,
    playground: bool = True,
) -> str:
    """A configuration that uses executors of the repository `gate` at a URL."""
    found = json.loads(several(folder, executors=executors))
    repository: dict[str, object] = {"url": url}
    if signature:
        repository["signature"] = dict(signature)
    found["plugins"]["repositories"] = {"gate": repository}
    if not playground:
        found["communications"]["default"]["playground"]["enabled"] = False
    return json.dumps(found)
