"""Delivers windows of events as documents: a day's index is made first, then they go in one request, or in halves."""

import logging
from collections.abc import Callable, Sequence
from typing import Final, NoReturn

from botkube.model.delivery import Delivered, Delivery, Outcome, Rejected, Retry
from botkube.model.errors import AuthError, PeerError
from botkube.runtime.http import Reply
from botkube.sinks.answers import REFUSED, is_later, is_success, retry_after, told
from botkube.sinks.elasticsearch.bulk import (
    CONTENT_TYPE,
    PATH,
    BadAnswer,
    Item,
    bulk_body,
    index_name,
    read_outcomes,
)
from botkube.sinks.elasticsearch.client import ElasticClient
from botkube.sinks.elasticsearch.cluster import (
    LEGACY,
    Cluster,
    NoCluster,
    Place,
    has_legacy_template,
    index_put,
    read_cluster,
    template_put,
)

log = logging.getLogger(__name__)

WINDOW: Final = 500  # documents of one request, which has at most 2 MiB or one document
_MISSING: Final = 404
_EXISTS: Final = b"resource_already_exists_exception"
_EXISTED: Final = b"index_already_exists_exception"  # before Elasticsearch 6
_TOO_MUCH: Final = frozenset({400, 413})  # one of its documents, or all together


class Slowly(PeerError):
    """The cluster asks for a pause."""

    def __init__(self, text: str, after: float) -> None:
        super().__init__(text)
        self.after = after


class IndexNotifier:
    """The notifier of one index. It finds out what the cluster is, again after each failure."""

    def __init__(self, client: ElasticClient, place: Place, wall: Callable[[], float]) -> None:
        self._client = client
        self._place = place
        self._wall = wall
        self._cluster: Cluster | None = None
        self._made: set[str] = set()  # indices of these days
        self._templated = False

    async def prepare(self) -> Cluster:
        """Find out what the cluster is, and give the index its template.

        Raises:
            AuthError: it does not know us.
            PeerError: it cannot be reached, or is something else.
        """
        if self._cluster is None:
            reply = await self._ask("GET", "/")
            try:
                cluster = read_cluster(reply.body)
            except NoCluster as error:
                raise PeerError(str(error)) from error
            await self._template(cluster)
            self._cluster = cluster
        return self._cluster

    async def deliver(self, window: Sequence[Delivery]) -> Sequence[Outcome]:
        """Store the window; documents that are there already count as stored.

        Raises:
            AuthError: it does not know us; nothing was stored.
            PeerError: it cannot be reached; what was stored is stored under the same ids later.
        Cancellation: as a PeerError.
        """
        try:
            items = await self._items(await self.prepare(), window)
            outcomes = await self._store(items)
        except Slowly as error:
            return [Retry(reason=str(error), after=error.after)]
        except PeerError:
            self._cluster = None  # it may come back as another version
            raise
        self._forget(items, outcomes)
        return outcomes

    async def _items(self, cluster: Cluster, window: Sequence[Delivery]) -> list[Item]:
        document_type = cluster.document_type(self._place.type)
        items = [
            Item(delivery=d, index=index_name(self._place.name, d.received_at), type=document_type)
            for d in window
        ]
        for index in sorted({item.index for item in items} - self._made):
            await self._make(index)
        return items

    async def _make(self, index: str) -> None:
        """Make an index unless it is there: who may write to it need not have the right to make it."""
        reply = await self._client.ask("HEAD", f"/{index}")
        if reply.status == _MISSING:
            put = index_put(index, self._place)
            reply = await self._client.ask("PUT", put.path, put.body)
        exists = _EXISTS in reply.body or _EXISTED in reply.body  # another one was faster
        if not is_success(reply.status) and not exists:
            self._refuse(reply, f"the index {index} cannot be made")
        self._made.add(index)

    async def _template(self, cluster: Cluster) -> None:
        """Without the right to make templates indices get the cluster's own mapping, as the original's did."""
        if self._templated:
            return
        put = template_put(cluster, self._place)
        if put.replaces_legacy:
            legacy = await self._client.ask("GET", LEGACY)
            if is_success(legacy.status) and has_legacy_template(self._place, legacy.body):
                log.info("%s keeps its template of the older kind", self._place.name)
                self._templated = True
                return
        reply = await self._client.ask("PUT", put.path, put.body)
        if is_later(reply.status):
            self._refuse(reply, "the index template cannot be made")
        if not is_success(reply.status):
            log.warning(
                "%s has no template of ours: %s", self._place.name, told(reply.status, reply.body)
            )
        self._templated = True

    async def _store(self, items: Sequence[Item]) -> list[Outcome]:
        reply = await self._client.ask("POST", PATH, bulk_body(items), CONTENT_TYPE)
        if reply.status in _TOO_MUCH:
            if len(items) == 1:
                return [Rejected(reason=told(reply.status, reply.body))]
            half = len(items) // 2
            return [*await self._store(items[:half]), *await self._store(items[half:])]
        if not is_success(reply.status):
            self._refuse(reply)
        try:
            return read_outcomes(items, reply.body)
        except BadAnswer as error:
            raise PeerError(str(error)) from error

    async def _ask(self, method: str, path: str) -> Reply:
        reply = await self._client.ask(method, path)
        if not is_success(reply.status):
            self._refuse(reply)
        return reply

    def _refuse(self, reply: Reply, what: str = "") -> NoReturn:
        reason = told(reply.status, reply.body)
        text = f"{what}: {reason}" if what else reason
        if reply.status in REFUSED:
            raise AuthError(text)
        after = retry_after(reply.headers, self._wall())
        if is_later(reply.status) and after:
            raise Slowly(text, after)
        raise PeerError(text)

    def _forget(self, items: Sequence[Item], outcomes: Sequence[Outcome]) -> None:
        """Make anew what may be gone, and do not remember days that are over."""
        failed = {i.index for i, o in zip(items, outcomes, strict=True) if isinstance(o, Retry)}
        today = {i.index for i, o in zip(items, outcomes, strict=True) if isinstance(o, Delivered)}
        self._made = (self._made & today) - failed
