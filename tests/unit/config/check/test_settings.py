"""Rules on settings and plugins."""

from collections.abc import Callable, Iterator

import pytest

from botkube.config.check.settings import check_settings
from botkube.config.problem import Finding
from botkube.config.schema.root import Config

Run = Callable[[Callable[[Config], Iterator[Finding]], str], list[tuple[str, str, str]]]


@pytest.mark.parametrize(
    ("text", "severity", "key", "words"),
    [
        ("settings: {http: {listen: '2110'}}", "error", "settings.http.listen", "is not HOST:PORT"),
        (
            "settings: {http: {listen: 'a:99999'}}",
            "error",
            "settings.http.listen",
            "is not HOST:PORT",
        ),
        ("settings: {http: {host: '0.0.0.0:1'}}", "error", "settings.http.host", "is not a host"),
        (
            "settings: {metricsPort: 1, healthPort: 1}",
            "error",
            "settings.healthPort",
            "is also the port of settings.metricsPort",
        ),
        (
            "settings: {healthPort: 1}\nplugins: {incomingWebhook: {enabled: true, port: 1}}",
            "error",
            "plugins.incomingWebhook.port",
            "is also the port of settings.healthPort",
        ),
        (
            "settings: {commandTimeout: 0s}",
            "error",
            "settings.commandTimeout",
            "must be longer than zero",
        ),
        (
            "settings: {shutdownTimeout: -1s}",
            "error",
            "settings.shutdownTimeout",
            "must be longer than zero",
        ),
        (
            "settings: {store: {maxSize: 1k}}",
            "error",
            "settings.store.maxSize",
            "is too small for the state",
        ),
        (
            "settings: {log: {level: loud}}",
            "warning",
            "settings.log.level",
            "is not a level, so info is used",
        ),
        (
            "plugins: {healthCheckInterval: 100ms}",
            "warning",
            "plugins.healthCheckInterval",
            "is below 1s, so 10s is used",
        ),
        (
            "plugins: {restartPolicy: {type: Never}}",
            "warning",
            "plugins.restartPolicy.type",
            "is not a restart policy, so DeactivatePlugin is used",
        ),
        (
            "plugins: {restartPolicy: {threshold: -1}}",
            "warning",
            "plugins.restartPolicy.threshold",
            "is below 0, so no plugin is restarted",
        ),
        (
            "plugins: {restartPolicy: {period: -1s}}",
            "error",
            "plugins.restartPolicy.period",
            "must not be below zero",
        ),
    ],
)
def test_findings(run: Run, text: str, severity: str, key: str, words: str) -> None:
    assert run(check_settings, text) == [(severity, key, words)]


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "settings: {http: {listen: '[::1]:0', host: '::'}, log: {level: WARNING}}",
        "settings: {metricsPort: 0, healthPort: 0}",
        "settings: {healthPort: 1}\nplugins: {incomingWebhook: {enabled: false, port: 1}}",
        "plugins: {restartPolicy: {type: restartagent}}",
        "plugins: {restartPolicy: {type: '', threshold: 0, period: 0s}}",
    ],
)
def test_nothing_to_say(run: Run, text: str) -> None:
    assert run(check_settings, text) == []
