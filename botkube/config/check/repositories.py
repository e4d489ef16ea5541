"""Rules on where plugins come from: names, URLs, signatures and paths of `plugins.repositories`."""

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from botkube.config.bindings import BUILTIN
from botkube.config.check.plugins import enabled_plugins, sections
from botkube.config.problem import Finding, Path, error, warning
from botkube.config.schema.plugins import SIGNATURE_POLICIES, Repository, Signature
from botkube.config.schema.root import Config

_HERE: Path = ("plugins", "repositories")
_TAKEN: Final = ("objects", "downloads", "locks")  # folders of the cache
_HEADER: Final = re.compile(r"[-!#$%&'*+.^_`|~0-9A-Za-z]+")
_WITH_USER: Final = "holds a user or a password"
_HEADERS: Final = "write headers: {Authorization: ..} in its place; the lock file shows the URL"
_KEY_BYTES: Final = 42
_KEY_START: Final = b"Ed"
_URL: Final = (
    "write a whole http, https or file URL, for example https://plugins.example/index.yaml"
)


def check_repositories(config: Config) -> Iterator[Finding]:
    """Check `plugins.repositories`, and that enabled plugins come from one of them."""
    for name, repository in config.plugins.repositories.items():
        path = (*_HERE, name)
        yield from _name(name, path)
        yield from _places(repository, path)
        yield from _signature(repository.signature, (*path, "signature"))
        yield from _access(repository, path)
    for name, given in (
        ("cacheDir", config.plugins.cache_dir),
        ("lockFile", config.plugins.lock_file),
    ):
        yield from _whole(given, ("plugins", name))
    yield from _unknown(config)


def _name(name: str, path: Path) -> Iterator[Finding]:
    if name == BUILTIN:
        text = "is the name of the plugins that come with Botkube"
        yield error(path, text, "give the repository another name")
    elif name in _TAKEN:
        text = "is the name of a folder that the plugin cache has already"
        yield error(path, text, "give the repository another name")
    elif not name or "/" in name or "\0" in name or name.startswith("."):
        text = "is no name for a repository: it is a folder's name, and what stands before / in plugin keys"
        yield error(path, text, "write a name without / that does not begin with a dot")


def _places(repository: Repository, path: Path) -> Iterator[Finding]:
    if not repository.url and not repository.mirrors:
        text = "has no url, so nothing can be installed from it"
        yield warning(path, text, "set url to its index")
    places = [((*path, "url"), repository.url)] if repository.url else []
    places += [((*path, "mirrors", f"[{i}]"), url) for i, url in enumerate(repository.mirrors)]
    for place, url in places:
        if why := _why_bad(url):
            secret = "@" in url or "?" in url  # there may be a password in it
            fix = _HEADERS if why == _WITH_USER else _URL
            yield error(place, why, fix, None if secret else url)


def _why_bad(url: str) -> str:
    """Why an index cannot be at this URL, "" if it can."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "is not a URL"
    if parts.scheme not in {"http", "https", "file"}:
        return "is not the URL of an index"
    if "@" in parts.netloc:
        return _WITH_USER
    if parts.scheme == "file":
        is_file = parts.netloc in {"", "localhost"} and parts.path.startswith("/")
        return "" if is_file else "is not file:///PATH"
    return "" if host and port != 0 else "names no host"


def _signature(signature: Signature, path: Path) -> Iterator[Finding]:
    key, policy = signature.public_key, signature.policy
    if policy and policy.lower() not in SIGNATURE_POLICIES:
        fix = f"write one of {', '.join(SIGNATURE_POLICIES)}"
        yield error((*path, "policy"), "is no known policy", fix, policy)
    if key and not _is_key(key):
        text = "is no public key of minisign"
        fix = "write the line of 56 characters out of minisign.pub, it begins with RW"
        yield error((*path, "publicKey"), text, fix, key)
    if signature.rule != "off" and not key:
        text = f"publicKey is a required field while policy is {signature.rule}"
        yield error((*path, "publicKey"), text, "write the key of who signs the index")


def _is_key(text: str) -> bool:
    """Whether the last word, after an untrusted comment, is a key."""
    words = text.split()
    try:
        found = base64.b64decode(words[-1], validate=True) if words else b""
    except (binascii.Error, ValueError):
        return False
    return len(found) == _KEY_BYTES and found.startswith(_KEY_START)


def _access(repository: Repository, path: Path) -> Iterator[Finding]:
    for header in repository.headers:
        if not _HEADER.fullmatch(header):
            fix = "write a name such as Authorization"
            yield error((*path, "headers", header), "is no name of a header", fix)
    if (proxy := repository.proxy.reveal()) and not _is_proxy(proxy):
        fix = "write a URL such as http://proxy.example:3128"
        yield error((*path, "proxy"), "is not the URL of a proxy", fix)
    yield from _whole(repository.ca_file, (*path, "caFile"))


def _is_proxy(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _whole(file: str, path: Path) -> Iterator[Finding]:
    if file.startswith("~"):
        yield error(path, "begins with ~, which is not replaced", "write the whole path", file)


def _unknown(config: Config) -> Iterator[Finding]:
    known = {BUILTIN, *config.plugins.repositories}
    for section, kind, groups in sections(config):
        for group, given in groups.items():
            for text, key, _ in enabled_plugins(given, kind):
                if key.repo not in known:
                    yield warning(
                        (section, group, text),
                        f"there is no repository {key.repo}: it is started only if somebody puts it "
                        "into the cache",
                        f"set plugins.repositories.{key.repo}.url to its index",
                    )
