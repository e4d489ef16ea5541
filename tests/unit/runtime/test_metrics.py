"""The names and labels that monitoring rules rely on."""

import pytest

from botkube.runtime.metrics import Metrics

SERIES = [
    'botkube_build_info{commit="c",version="v"} 1.0',
    'botkube_events_received_total{source="v"} 1.0',
    'botkube_events_filtered_total{reason="c",source="v"} 1.0',
    'botkube_deliveries_total{outcome="c",target="v"} 1.0',
    'botkube_delivery_delay_seconds_count{target="v"} 1.0',
    'botkube_outbox_depth{target="v"} 1.0',
    'botkube_outbox_oldest_seconds{target="v"} 1.0',
    'botkube_commands_total{command="v",outcome="c"} 1.0',
    'botkube_command_duration_seconds_count{command="v"} 1.0',
    'botkube_connection_up{platform="v"} 1.0',
    'botkube_reconnects_total{platform="v"} 1.0',
    'botkube_plugin_up{plugin="v"} 1.0',
    'botkube_plugin_restarts_total{plugin="v"} 1.0',
    'botkube_config_reloads_total{outcome="v"} 1.0',
    "botkube_config_last_reload_success 1.0",
]


def touched() -> Metrics:
    metrics = Metrics()
    for gauge in (metrics.outbox_depth, metrics.outbox_oldest, metrics.connection_up):
        gauge.labels("v").set(1)
    metrics.plugin_up.labels("v").set(1)
    metrics.build_info.labels("v", "c").set(1)
    metrics.config_last_reload_success.set(1)
    for counter in (metrics.events_received, metrics.reconnects, metrics.plugin_restarts):
        counter.labels("v").inc()
    metrics.config_reloads.labels("v").inc()
    for pair in (metrics.events_filtered, metrics.deliveries, metrics.commands):
        pair.labels("v", "c").inc()
    metrics.delivery_delay.labels("v").observe(0.5)
    metrics.command_duration.labels("v").observe(0.5)
    return metrics


@pytest.mark.parametrize("series", SERIES)
def test_every_series_has_its_name_and_labels(series: str) -> None:
    assert series in touched().render().decode().splitlines()


def test_there_is_nothing_else() -> None:
    found = {line.split("{")[0].split(" ")[0] for line in series_of(touched())}
    known = {line.split("{")[0].split(" ")[0] for line in SERIES}
    histograms = {name.removesuffix("_count") for name in known if name.endswith("_count")}
    assert found == known | {f"{name}_{part}" for name in histograms for part in ("sum", "bucket")}


def series_of(metrics: Metrics) -> list[str]:
    return [line for line in metrics.render().decode().splitlines() if not line.startswith("#")]


def test_label_values_are_escaped() -> None:
    metrics = Metrics()
    metrics.plugin_up.labels('a"b\\c\nd').set(1)
    assert 'botkube_plugin_up{plugin="a\\"b\\\\c\\nd"} 1.0' in series_of(metrics)


def test_instances_share_nothing() -> None:
    touched()
    assert series_of(Metrics()) == ["botkube_config_last_reload_success 0.0"]
