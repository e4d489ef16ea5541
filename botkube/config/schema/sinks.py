"""One-way targets of a communication group."""

from collections.abc import Mapping

import msgspec

from botkube.config.schema.platforms import Connection
from botkube.config.schema.plugins import Hmac
from botkube.config.schema.values import Secret


class SinkBindings(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The sources of a sink."""

    sources: tuple[str, ...] = ()


class Webhook(Connection, frozen=True, kw_only=True, rename="camel"):
    """Events posted to one URL, which often holds a secret."""

    url: Secret = Secret()
    headers: Mapping[str, Secret] = {}
    signature: Hmac | None = None
    max_in_flight: int = 64
    bindings: SinkBindings = SinkBindings()


class AwsSigning(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Request signing for the managed service of AWS."""

    enabled: bool = False
    aws_region: str = ""
    role_arn: str = ""
    service: str = "es"


class Index(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One daily index."""

    name: str = ""
    type: str = ""
    shards: int = 0
    replicas: int = 0
    bindings: SinkBindings = SinkBindings()


class Elasticsearch(Connection, frozen=True, kw_only=True, rename="camel"):
    """Events as documents."""

    username: str = ""
    password: Secret = Secret()
    api_key: Secret = Secret()
    server: str = ""
    skip_tls_verify: bool = msgspec.field(name="skipTLSVerify", default=False)
    log_level: str = ""
    aws_signing: AwsSigning = AwsSigning()
    indices: Mapping[str, Index] = {}


class PagerDuty(Connection, frozen=True, kw_only=True, rename="camel"):
    """Events as alerts."""

    integration_key: Secret = Secret()
    v2_events_api_base_path: str = msgspec.field(
        name="v2EventsAPIBasePath", default="https://events.pagerduty.com"
    )
    bindings: SinkBindings = SinkBindings()
