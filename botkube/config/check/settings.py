"""Rules on `settings` and `plugins`: addresses, ports, durations, levels."""

from collections.abc import Iterator

from botkube.config.problem import Finding, Path, error, warning
from botkube.config.schema.plugins import POLICIES, RestartPolicy
from botkube.config.schema.root import Config
from botkube.config.schema.settings import Settings
from botkube.config.units import is_host, parse_address

LEVELS = ("panic", "fatal", "error", "warn", "warning", "info", "debug", "trace")
_LEAST_STORE = 1 << 20
_LEAST_INTERVAL = 1.0


def check_settings(config: Config) -> Iterator[Finding]:
    """Check what the settings say on their own."""
    yield from _listening(config.settings)
    yield from _same_port_twice(config)
    yield from _limits(config.settings)
    level = config.settings.log.level
    if level and level.lower() not in LEVELS:
        fix = f"write one of {', '.join(LEVELS)}"
        yield warning(("settings", "log", "level"), "is not a level, so info is used", fix, level)
    yield from _plugins(config)


def _listening(settings: Settings) -> Iterator[Finding]:
    listen, host = settings.http.listen, settings.http.host
    try:
        parse_address(listen)
    except ValueError:
        fix = "write HOST:PORT, for example 127.0.0.1:2110 (0.0.0.0 for every interface)"
        yield error(("settings", "http", "listen"), "is not HOST:PORT", fix, listen)
    if not is_host(host):
        fix = "write an address without a port, for example 127.0.0.1"
        yield error(("settings", "http", "host"), "is not a host", fix, host)


def _same_port_twice(config: Config) -> Iterator[Finding]:
    webhook = config.plugins.incoming_webhook
    named: tuple[tuple[Path, int | None], ...] = (
        (("settings", "metricsPort"), config.settings.metrics_port),
        (("settings", "healthPort"), config.settings.health_port),
        (
            ("plugins", "incomingWebhook", "port"),
            webhook.port if webhook.enabled is not False else None,
        ),
    )
    taken: dict[int, Path] = {}
    for path, port in named:
        if port and port in taken:
            other = ".".join(taken[port])
            yield error(path, f"is also the port of {other}", "give each its own port", port)
        elif port:
            taken[port] = path


def _limits(settings: Settings) -> Iterator[Finding]:
    for key, seconds in (
        ("commandTimeout", settings.command_timeout),
        ("shutdownTimeout", settings.shutdown_timeout),
    ):
        if seconds <= 0:
            fix = "write a duration above zero, for example 30s"
            yield error(("settings", key), "must be longer than zero", fix, f"{seconds:g}s")
    if settings.store.max_size < _LEAST_STORE:
        path = ("settings", "store", "maxSize")
        yield error(
            path, "is too small for the state", "write at least 1MiB", settings.store.max_size
        )


def _plugins(config: Config) -> Iterator[Finding]:
    interval = config.plugins.health_check_interval
    if interval < _LEAST_INTERVAL:
        path = ("plugins", "healthCheckInterval")
        yield warning(path, "is below 1s, so 10s is used", "write 1s or more", f"{interval:g}s")
    yield from _restarts(config.plugins.restart_policy)


def _restarts(policy: RestartPolicy) -> Iterator[Finding]:
    path = ("plugins", "restartPolicy")
    if policy.type and policy.type.lower() not in {known.lower() for known in POLICIES}:
        text = f"is not a restart policy, so {POLICIES[0]} is used"
        yield warning((*path, "type"), text, f"write {' or '.join(POLICIES)}", policy.type)
    if policy.threshold < 0:
        text = "is below 0, so no plugin is restarted"
        yield warning((*path, "threshold"), text, "write 0 or more", policy.threshold)
    if policy.period < 0:
        fix = "write a duration such as 10m, or 0s to count for as long as the program runs"
        yield error((*path, "period"), "must not be below zero", fix, f"{policy.period:g}s")
