"""Two-way chat platforms of a communication group."""

from collections.abc import Mapping

import msgspec

from botkube.config.schema.channels import Channel, ChannelByID, CloudChannel, Team, TriggerChannel
from botkube.config.schema.values import Seconds, Secret


class Connection(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What every platform and sink has: the switch and how its servers are reached."""

    enabled: bool = False
    proxy: Secret = Secret()
    ca_file: str = ""
    timeout: Seconds = 30.0


class Playground(Connection, frozen=True, kw_only=True, rename="camel"):
    """The chat in the browser."""

    channels: Mapping[str, Channel] = {}


class SocketSlack(Connection, frozen=True, kw_only=True, rename="camel"):
    """Slack through Socket Mode."""

    bot_token: Secret = Secret()
    app_token: Secret = Secret()
    api_url: str = msgspec.field(name="apiURL", default="https://slack.com/api/")
    channels: Mapping[str, TriggerChannel] = {}


class Tls(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """TLS of a cloud server."""

    ca_certificate: str = ""
    use_system_cert_pool: bool = False
    insecure_skip_verify: bool = False


class CloudServer(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Where a cloud platform's server is."""

    url: str = ""
    disable_transport_security: bool = False
    tls: Tls = Tls()


class CloudSlack(Connection, frozen=True, kw_only=True, rename="camel"):
    """Slack through the original's cloud; decoded so that such a file loads."""

    token: Secret = Secret()
    bot_id: str = msgspec.field(name="botID", default="")
    execution_event_streaming_disabled: bool = False
    server: CloudServer = CloudServer()
    channels: Mapping[str, CloudChannel] = {}


class Mattermost(Connection, frozen=True, kw_only=True, rename="camel"):
    """Mattermost; `callback_url` is where its server reaches us for buttons."""

    bot_name: str = "Botkube"
    url: str = ""
    token: Secret = Secret()
    team: str = ""
    callback_url: str = msgspec.field(name="callbackURL", default="")
    channels: Mapping[str, Channel] = {}


class Discord(Connection, frozen=True, kw_only=True, rename="camel"):
    """Discord."""

    token: Secret = Secret()
    bot_id: str = msgspec.field(name="botID", default="")
    api_url: str = msgspec.field(name="apiURL", default="https://discord.com/api/v10")
    channels: Mapping[str, ChannelByID] = {}


class CloudTeams(Connection, frozen=True, kw_only=True, rename="camel"):
    """Teams through the original's cloud; decoded so that such a file loads."""

    bot_name: str = ""
    server: CloudServer = CloudServer()
    teams: tuple[Team, ...] = ()


class Teams(Connection, frozen=True, kw_only=True, rename="camel"):
    """Microsoft Teams through the Bot Framework."""

    app_id: str = msgspec.field(name="appID", default="")
    app_password: Secret = Secret()
    tenant_id: str = msgspec.field(name="tenantID", default="")
    bot_name: str = "Botkube"
    login_url: str = msgspec.field(name="loginURL", default="")
    open_id_metadata_url: str = msgspec.field(name="openIDMetadataURL", default="")
    teams: tuple[Team, ...] = ()
