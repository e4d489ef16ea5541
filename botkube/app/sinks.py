"""The sinks while they run: configuration → clients, and the deliverers of each sink's targets as one supervised child."""

import math
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Final

import msgspec
import trio

from botkube.app.build import Sink, SinkTarget
from botkube.app.foundation import Base, Stored
from botkube.config import fingerprint
from botkube.config.schema.platforms import Connection
from botkube.config.schema.sinks import Elasticsearch, Webhook
from botkube.engine.events.deliver import WINDOW as DELIVERIES
from botkube.engine.events.deliver import Deliverer, Target
from botkube.model.errors import FatalError
from botkube.runtime.childspec import ChildSpec
from botkube.runtime.http import no_authorities, open_http, trusted_authorities
from botkube.runtime.policy import Backoff, Policy, TroubleState
from botkube.runtime.proxies import choose_proxy
from botkube.sinks.elasticsearch.aws import AwsCredentials, AwsSettings
from botkube.sinks.elasticsearch.client import (
    ClusterSettings,
    ElasticClient,
    Keys,
    basic,
    open_elastic,
    without_user,
)
from botkube.sinks.elasticsearch.cluster import Place
from botkube.sinks.elasticsearch.notifier import WINDOW, IndexNotifier
from botkube.sinks.webhook.body import Signing
from botkube.sinks.webhook.client import WebhookSettings, open_webhook
from botkube.sinks.webhook.notifier import WebhookNotifier

# A sink is tried for ever: what waits for it is on disk. Parked is only what somebody has to put right.
POLICY: Final = Policy(
    max_restarts=10**9, backoff=Backoff(0.25, 30.0), parked_retry=30.0, start_timeout=math.inf
)


class RunningSink:
    """One sink as a child; it shows as one part, whatever the number of its targets."""

    def __init__(self, base: Base, stored: Stored, sink: Sink) -> None:
        self._base = base
        self._stored = stored
        self._sink = sink
        self._health = _SinkHealth(base, f"sink:{sink.name}")
        self._deliverers: list[Deliverer] = []

    @property
    def spec(self) -> ChildSpec:
        """The child that delivers to it."""
        return ChildSpec(
            name=f"sink:{self._sink.name}",
            body=self.run,
            fingerprint=fingerprint(self._sink.config),
            policy=POLICY,
        )

    async def run(self, *, task_status: trio.TaskStatus[None]) -> None:
        """Deliver until cancelled.

        Raises:
            FatalError: its file of authorities cannot be used.
        """
        self._health.clear()
        async with _targets(self._base, self._sink) as targets:
            self._deliverers = [self._deliverer(target) for target in targets]
            try:
                async with trio.open_nursery() as nursery:
                    for deliverer in self._deliverers:
                        await nursery.start(deliverer.run)
                    task_status.started()
            finally:
                self._deliverers = []

    async def calm(self) -> None:
        """Until nothing is due."""
        await trio.lowlevel.checkpoint()
        for deliverer in self._deliverers:
            await deliverer.calm()

    def _deliverer(self, target: "_Made") -> Deliverer:
        name = target.target.name
        full = Target(
            name=name,
            notifier=target.notifier,
            bell=self._stored.bells[name],
            health=partial(self._health.say, target.target.alias),
            window=target.window,
            prepare=target.prepare,
        )
        base = self._base
        return Deliverer(full, self._stored.outbox, base.metrics, base.wall, base.random)


class _SinkHealth:
    """The troubles of a sink's targets, as one."""

    def __init__(self, base: Base, part: str) -> None:
        self._board = base.board
        self._part = part
        self._troubles: dict[str, tuple[str, TroubleState]] = {}

    def clear(self) -> None:
        """Forget what an earlier run said."""
        self._troubles.clear()
        self._board.trouble(self._part, "")

    def say(self, alias: str, trouble: str, state: TroubleState = "retrying", /) -> None:
        self._troubles.pop(alias, None)
        if trouble:
            self._troubles[alias] = (trouble, state)
        self._board.trouble(self._part, *self._worst())

    def _worst(self) -> tuple[str, TroubleState]:
        """What every target says; credentials go before all else, as somebody has to act."""
        texts = list(dict.fromkeys(text for text, _ in self._troubles.values()))
        states = {state for _, state in self._troubles.values()}
        return "; ".join(texts), "auth-failed" if "auth-failed" in states else "retrying"


class _Made(msgspec.Struct, frozen=True, kw_only=True):
    """A target with what delivers to it."""

    target: SinkTarget
    notifier: WebhookNotifier | IndexNotifier
    window: int
    prepare: Callable[[], Awaitable[object]] = trio.lowlevel.checkpoint


@asynccontextmanager
async def _targets(base: Base, sink: Sink) -> AsyncGenerator[list[_Made]]:
    """The targets of a sink while its connections are open."""
    config = sink.config
    context = await _context(config)
    if isinstance(config, Webhook):
        settings = webhook_settings(config, base.environ)
        async with open_webhook(settings, context, base.wall) as client:
            notifier = WebhookNotifier(client, config.max_in_flight)
            window = max(DELIVERIES, 2 * config.max_in_flight)
            yield [_Made(target=sink.targets[0], notifier=notifier, window=window)]
        return
    async with _elastic(base, config, context) as elastic:
        yield [_index(base, config, target, elastic) for target in sink.targets]


def _index(base: Base, config: Elasticsearch, target: SinkTarget, client: ElasticClient) -> _Made:
    index = config.indices[target.alias]
    place = Place(name=index.name, type=index.type, shards=index.shards, replicas=index.replicas)
    notifier = IndexNotifier(client, place, base.wall)
    return _Made(target=target, notifier=notifier, window=WINDOW, prepare=notifier.prepare)


def webhook_settings(config: Webhook, environ: Mapping[str, str]) -> WebhookSettings:
    """What a webhook's configuration amounts to."""
    url, given = config.url.reveal(), config.signature
    signing = None
    if given is not None:
        secret = given.secret.reveal().encode()
        signing = Signing(secret=secret, header=given.header, algorithm=given.algorithm)
    return WebhookSettings(
        url=url,
        headers={name: value.reveal() for name, value in config.headers.items()},
        signing=signing,
        proxy=choose_proxy(url, config.proxy.reveal(), environ),
        timeout=config.timeout,
        at_once=config.max_in_flight,
    )


def cluster_settings(config: Elasticsearch, environ: Mapping[str, str]) -> ClusterSettings:
    """What an Elasticsearch sink's configuration amounts to; an API key goes before a user."""
    server, authorization = without_user(config.server)
    if config.username or config.password:
        authorization = basic(config.username, config.password.reveal())
    if config.api_key:
        authorization = f"ApiKey {config.api_key.reveal()}"
    return ClusterSettings(
        server=server,
        authorization=authorization,
        proxy=choose_proxy(server, config.proxy.reveal(), environ),
        timeout=config.timeout,
    )


@asynccontextmanager
async def _elastic(
    base: Base, config: Elasticsearch, context: ssl.SSLContext
) -> AsyncGenerator[ElasticClient]:
    settings = cluster_settings(config, base.environ)
    async with AsyncExitStack() as stack:
        keys: Keys | None = None
        if (signing := config.aws_signing).enabled:
            aws = AwsSettings(
                region=signing.aws_region,
                service=signing.service,
                role_arn=signing.role_arn,
                environ=base.environ,
            )
            sts = f"https://sts.{signing.aws_region}.amazonaws.com"
            proxy = choose_proxy(sts, config.proxy.reveal(), base.environ)
            trusted = await trio.to_thread.run_sync(trusted_authorities, config.ca_file)
            service = await stack.enter_async_context(
                open_http("", trusted, proxy=proxy, environment=False)
            )
            local = await stack.enter_async_context(open_http("", trusted, environment=False))
            keys = AwsCredentials(aws, service, local, base.wall).keys
        yield await stack.enter_async_context(open_elastic(settings, context, keys))


async def _context(config: Connection) -> ssl.SSLContext:
    if isinstance(config, Elasticsearch) and config.skip_tls_verify:
        return no_authorities()
    try:
        return await trio.to_thread.run_sync(trusted_authorities, config.ca_file)
    except OSError as error:
        raise FatalError(f"caFile {config.ca_file} cannot be used: {error}") from error
