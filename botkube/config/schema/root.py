"""The whole configuration as one value."""

from collections.abc import Mapping

import msgspec

from botkube.config.schema.groups import Action, Alias, PluginGroup, SourceGroup
from botkube.config.schema.platforms import (
    CloudSlack,
    CloudTeams,
    Discord,
    Mattermost,
    Playground,
    SocketSlack,
    Teams,
)
from botkube.config.schema.plugins import PluginSettings
from botkube.config.schema.settings import Analytics, ConfigWatcher, Settings
from botkube.config.schema.sinks import Elasticsearch, PagerDuty, Webhook


class Communications(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One communication group: at most one of each platform and sink."""

    playground: Playground = Playground()
    socket_slack: SocketSlack = SocketSlack()
    cloud_slack: CloudSlack = CloudSlack()
    mattermost: Mattermost = Mattermost()
    discord: Discord = Discord()
    teams: Teams = Teams()
    cloud_teams: CloudTeams = CloudTeams()
    webhook: Webhook = Webhook()
    elasticsearch: Elasticsearch = Elasticsearch()
    pager_duty: PagerDuty = PagerDuty()


class Config(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Everything a configuration says, decoded; what is left out has its default."""

    actions: Mapping[str, Action] = {}
    sources: Mapping[str, SourceGroup] = {}
    executors: Mapping[str, PluginGroup] = {}
    aliases: Mapping[str, Alias] = {}
    communications: Mapping[str, Communications] = {}
    analytics: Analytics = Analytics()
    settings: Settings = Settings()
    config_watcher: ConfigWatcher = ConfigWatcher()
    plugins: PluginSettings = PluginSettings()
