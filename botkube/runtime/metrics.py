"""Every metric of the program, under the names that monitoring rules rely on, in a registry of its own.

Does not decide when to count. No label may carry chat text, user ids or object names: callers see to it.
"""

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
DELIVERY_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 21600)
COMMAND_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)


class Metrics:
    """The metrics as attributes, named without the `botkube_` prefix and unit suffix."""

    def __init__(self) -> None:
        # The `_created` series would double the output.
        disable_created_metrics()  # type: ignore[no-untyped-call]  # the library's gap
        self.registry = CollectorRegistry(auto_describe=True)
        self._add_event_metrics()
        self._add_command_metrics()
        self._add_connection_metrics()
        self._add_program_metrics()

    def render(self) -> bytes:
        """Return all metrics in the Prometheus text format (see `CONTENT_TYPE`)."""
        return generate_latest(self.registry)

    def _add_event_metrics(self) -> None:
        self.events_received = self._counter(
            "events_received", "Events on disk, by source.", "source"
        )
        self.events_filtered = self._counter(
            "events_filtered", "Events that no target was to get.", "source", "reason"
        )
        self.webhook_requests = self._counter(
            "webhook_requests", "Webhook requests; of unknown sources as other.", "source", "code"
        )
        self.deliveries = self._counter(
            "deliveries", "Delivery attempts: delivered, retried or dead.", "target", "outcome"
        )
        self.delivery_delay = self._histogram(
            "delivery_delay_seconds",
            "From event received to delivered.",
            "target",
            DELIVERY_BUCKETS,
        )
        self.outbox_depth = self._gauge("outbox_depth", "Deliveries waiting.", "target")
        self.outbox_oldest = self._gauge(
            "outbox_oldest_seconds", "Age of the oldest delivery waiting.", "target"
        )

    def _add_command_metrics(self) -> None:
        self.commands = self._counter(
            "commands", "Commands answered; unknown ones count as other.", "command", "outcome"
        )
        self.command_duration = self._histogram(
            "command_duration_seconds", "From command to reply.", "command", COMMAND_BUCKETS
        )

    def _add_connection_metrics(self) -> None:
        self.connection_up = self._gauge("connection_up", "1 while connected.", "platform")
        self.reconnects = self._counter("reconnects", "Connections made again.", "platform")
        self.plugin_up = self._gauge("plugin_up", "1 while the plugin serves.", "plugin")
        self.plugin_restarts = self._counter("plugin_restarts", "Plugin restarts.", "plugin")

    def _add_program_metrics(self) -> None:
        self.build_info = self._gauge("build_info", "Always 1.", "version", "commit")
        self.config_reloads = self._counter("config_reloads", "Configuration reloads.", "outcome")
        self.config_last_reload_success = self._gauge(
            "config_last_reload_success", "1 if the last configuration reload was good."
        )

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"botkube_{name}", text, labels, registry=self.registry)

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"botkube_{name}", text, labels, registry=self.registry)

    def _histogram(self, name: str, text: str, label: str, buckets: tuple[float, ...]) -> Histogram:
        return Histogram(f"botkube_{name}", text, (label,), registry=self.registry, buckets=buckets)
