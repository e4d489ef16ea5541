"""What plugin settings amount to."""

import math

import pytest

from botkube.config.schema.plugins import (
    Hmac,
    IncomingWebhook,
    PluginSettings,
    RestartPolicy,
)
from botkube.config.schema.values import Secret


@pytest.mark.parametrize(("given", "used"), [(30, 30), (1, 1), (0.5, 10), (0, 10), (-1, 10)])
def test_a_health_interval_below_a_second_counts_as_not_set(given: float, used: float) -> None:
    assert PluginSettings(health_check_interval=given).health_interval == used


@pytest.mark.parametrize(
    ("given", "escalates"),
    [
        ("RestartAgent", True),
        ("restartagent", True),
        ("DeactivatePlugin", False),
        ("", False),
        ("Never", False),
    ],
)
def test_what_a_restart_policy_does_in_the_end(given: str, escalates: bool) -> None:  # noqa: FBT001
    assert RestartPolicy(type=given).escalates == escalates


@pytest.mark.parametrize(
    ("given", "window"), [(RestartPolicy(), 600), (RestartPolicy(period=0), math.inf)]
)
def test_no_period_is_as_long_as_the_program_runs(given: RestartPolicy, window: float) -> None:
    assert given.window == window


@pytest.mark.parametrize(("given", "limit"), [(10, 10), (0, 0), (-3, 0)])
def test_fewer_restarts_than_none_are_none(given: int, limit: int) -> None:
    assert RestartPolicy(threshold=given).limit == limit


@pytest.mark.parametrize(
    ("given", "here", "exposed"),
    [
        (IncomingWebhook(), True, False),
        (IncomingWebhook(enabled=True), True, True),
        (IncomingWebhook(enabled=False, port=1, token=Secret("x")), False, False),
        (IncomingWebhook(port=1), True, True),
        (IncomingWebhook(token=Secret("x")), True, True),
        (IncomingWebhook(hmac=Hmac(secret=Secret("x"))), True, True),
    ],
)
def test_webhooks_that_nobody_asked_for_are_not_taken_from_strangers(
    given: IncomingWebhook, *, here: bool, exposed: bool
) -> None:
    assert (given.is_on(exposed=False), given.is_on(exposed=True)) == (here, exposed)
