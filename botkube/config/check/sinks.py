"""Rules on the sinks: where they send to, how, and that anything is bound to them."""

import re
from collections.abc import Iterator, Mapping
from urllib.parse import SplitResult, urlsplit

from botkube.config.check.availability import AVAILABLE
from botkube.config.check.webhooks import HEADER, check_hmac
from botkube.config.problem import Finding, Path, error, warning
from botkube.config.schema.platforms import Connection
from botkube.config.schema.root import Config
from botkube.config.schema.sinks import Elasticsearch, Index, SinkBindings, Webhook
from botkube.config.suggest import write_name
from botkube.config.use import connections

MOST_IN_FLIGHT = 1024
LOG_LEVELS = ("", "info", "error", "trace")
OURS = frozenset({"content-length", "host", "transfer-encoding", "connection", "idempotency-key"})
_INDEX = re.compile(r"[^-_+.A-Z\\/*?\"<>| ,#:][^A-Z\\/*?\"<>| ,#:]*")
_LONGEST_INDEX = 200  # Elasticsearch takes 255 bytes, with the date


def check_sinks(config: Config) -> Iterator[Finding]:
    """Check every enabled sink, and how what is enabled reaches its servers."""
    for place in connections(config):
        if not place.connection.enabled or place.platform not in AVAILABLE:
            continue
        if isinstance(place.connection, Webhook):
            yield from check_reached(place.connection, place.path)
            yield from _webhook(place.connection, place.path)
        elif isinstance(place.connection, Elasticsearch):
            yield from check_reached(place.connection, place.path)
            yield from _elasticsearch(place.connection, place.path)


def check_reached(connection: Connection, path: Path) -> Iterator[Finding]:
    """Check how a platform or sink reaches its servers."""
    if connection.timeout <= 0:
        fix = "write a duration above zero, for example 30s"
        shown = f"{connection.timeout:g}s"
        yield error((*path, "timeout"), "must be longer than zero", fix, shown)
    proxy = connection.proxy.reveal()
    if proxy and url_parts(proxy, "http") is None:
        fix = "write http://HOST:PORT, with USER:PASSWORD@ before the host if it wants them"
        yield error((*path, "proxy"), "is no http:// URL of a proxy", fix)


def _webhook(webhook: Webhook, path: Path) -> Iterator[Finding]:
    url = webhook.url.reveal()
    if not url:
        yield error((*path, "url"), "url is a required field", "write the URL to post events to")
    elif url_parts(url, "http", "https") is None:
        yield error((*path, "url"), "is no URL", "write a URL that begins with https:// or http://")
    yield from _headers(webhook, (*path, "headers"))
    if webhook.signature is not None:
        yield from check_hmac(webhook.signature, (*path, "signature"))
    if not 1 <= webhook.max_in_flight <= MOST_IN_FLIGHT:
        fix = f"write 1 to {MOST_IN_FLIGHT}; with 1 events arrive strictly in order"
        yield error((*path, "maxInFlight"), "is no number of requests", fix, webhook.max_in_flight)
    yield from _bound(webhook.bindings, path)


def _headers(webhook: Webhook, path: Path) -> Iterator[Finding]:
    signed = "" if webhook.signature is None else webhook.signature.header.lower()
    for name, value in webhook.headers.items():
        if not HEADER.fullmatch(name):
            fix = "write a name such as X-Token"
            yield error((*path, name), "is no name of a header", fix, name)
        elif name.lower() in OURS or name.lower() == signed:
            yield error((*path, name), "is set by Botkube itself", "remove it", name)
        elif not value.reveal().isprintable():
            text = "has line breaks or control characters in its value"
            yield error((*path, name), text, "write the value on one line, without them")


def _elasticsearch(sink: Elasticsearch, path: Path) -> Iterator[Finding]:
    if not sink.server:
        fix = "write its URL, for example https://elasticsearch:9200"
        yield error((*path, "server"), "server is a required field", fix)
    elif url_parts(sink.server, "http", "https") is None:
        fix = "write a URL that begins with https:// or http://"
        yield error((*path, "server"), "is no URL", fix)
    elif urlsplit(sink.server).password:
        fix = "write it as username: and password: instead"
        yield warning((*path, "server"), "has a password in it, which is shown", fix)
    if sink.log_level not in LOG_LEVELS:
        fix = "write info, error or trace, or leave it out"
        yield warning((*path, "logLevel"), "is not a level and is ignored", fix, sink.log_level)
    yield from _credentials(sink, path)
    yield from _indices(sink.indices, (*path, "indices"))


def _credentials(sink: Elasticsearch, path: Path) -> Iterator[Finding]:
    ways = {
        "awsSigning": sink.aws_signing.enabled,
        "apiKey": bool(sink.api_key),
        "username": bool(sink.username or sink.password),
    }
    used = [way for way, given in ways.items() if given]
    for way in used[1:]:
        yield warning(
            (*path, way), f"is not used, since {used[0]} is", f"remove {way} or {used[0]}"
        )
    if sink.aws_signing.enabled and not sink.aws_signing.aws_region:
        fix = "write the region of the domain, for example eu-central-1"
        yield error((*path, "awsSigning", "awsRegion"), "awsRegion is a required field", fix)


def _indices(indices: Mapping[str, Index], path: Path) -> Iterator[Finding]:
    if not indices:
        fix = "add one, for example indices: {default: {name: botkube, bindings: {sources: [..]}}}"
        yield error(path, "indices is a required field", fix)
    for alias, index in indices.items():
        here = (*path, alias)
        if not index.name:
            yield error((*here, "name"), "name is a required field", write_name(alias))
        elif not _INDEX.fullmatch(index.name) or len(index.name.encode()) > _LONGEST_INDEX:
            fix = "write lower-case letters, digits, - and _, beginning with a letter or digit"
            yield error((*here, "name"), "is no name of an index", fix, index.name)
        for key, number in (("shards", index.shards), ("replicas", index.replicas)):
            if number < 0:
                yield error((*here, key), "must not be below zero", "write 0 or more", number)
        yield from _bound(index.bindings, here)


def _bound(bindings: SinkBindings, path: Path) -> Iterator[Finding]:
    if not bindings.sources:
        text = "is bound to no source, so nothing is sent"
        fix = "name the sources whose events it gets: bindings: {sources: [..]}"
        yield warning(path, text, fix)


def url_parts(url: str, *schemes: str) -> SplitResult | None:
    """The parts of a URL of one of these schemes; none if it is no such URL."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - reading it is the check
    except ValueError:
        return None
    good = parts.scheme in schemes and parts.hostname and url.isascii() and url.isprintable()
    return parts if good and " " not in url else None
