"""What plugin settings amount to."""

import pytest

from botkube.config.schema.plugins import PluginSettings


@pytest.mark.parametrize(("given", "used"), [(30, 30), (1, 1), (0.5, 10), (0, 10), (-1, 10)])
def test_a_health_interval_below_a_second_counts_as_not_set(given: float, used: float) -> None:
    assert PluginSettings(health_check_interval=given).health_interval == used
