"""`settings`, `configWatcher` and `analytics`."""

from typing import ClassVar

import msgspec

from botkube.config.schema.values import Port, Seconds, Size


class ConfigMapRef(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Where a ConfigMap is."""

    quiet_keys: ClassVar[frozenset[str]] = frozenset({"annotations"})
    """The original's chart writes them onto the ConfigMap itself."""

    name: str = ""
    namespace: str = ""


class StateFile(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One data key of one ConfigMap."""

    file_name: str = ""
    config_map: ConfigMapRef = ConfigMapRef()


class PersistentConfig(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The two ConfigMaps that chat commands write."""

    runtime: StateFile = StateFile()
    startup: StateFile = StateFile()


class Log(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """`settings.log`."""

    level: str = ""
    disable_colors: bool = False
    formatter: str = ""


class Http(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The one listener, and the host of the ports that the original names."""

    listen: str = "127.0.0.1:2110"
    host: str = "127.0.0.1"
    hosts: tuple[str, ...] = ()
    """Further names in a browser's address bar that are this instance's."""


class StoreSettings(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Bounds of the state database."""

    max_size: Size = 4 * 2**30


class Announcements(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What is said in the channels by itself."""

    help: bool = True
    start: bool = True
    stop: bool = True


class Settings(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """`settings`. A port is None unless a file or the environment names it: only then it is opened."""

    quiet_keys: ClassVar[frozenset[str]] = frozenset({"lifecycleServer"})
    """Older charts of the original have it, for a hook that restarted the Deployment."""

    cluster_name: str = ""
    upgrade_notifier: bool = False
    system_config_map: ConfigMapRef = ConfigMapRef()
    persistent_config: PersistentConfig = PersistentConfig()
    metrics_port: Port | None = None
    health_port: Port | None = None
    log: Log = Log()
    informers_resync_period: Seconds = 0.0
    kubeconfig: str = ""
    sa_credentials_path_prefix: str = ""
    http: Http = Http()
    command_timeout: Seconds = 300.0
    shutdown_timeout: Seconds = 28.0
    store: StoreSettings = StoreSettings()
    announcements: Announcements = Announcements()


class RemoteWatch(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """`configWatcher.remote`."""

    poll_interval: Seconds = 0.0


class InClusterWatch(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """`configWatcher.inCluster`."""

    informer_resync_period: Seconds = 0.0


class ConfigWatcher(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """`configWatcher`."""

    quiet_keys: ClassVar[frozenset[str]] = frozenset({"image", "initialSyncTimeout", "tmpDir"})
    """Of the process that watched in older charts of the original."""

    enabled: bool = False
    remote: RemoteWatch = RemoteWatch()
    in_cluster: InClusterWatch = InClusterWatch()
    deployment: ConfigMapRef = ConfigMapRef()


class Analytics(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """`analytics`. This program sends nothing, whatever it says."""

    disable: bool = False
