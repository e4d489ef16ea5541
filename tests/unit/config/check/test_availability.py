"""What is configured but not there yet."""

from collections.abc import Callable, Iterator

import pytest

from botkube.config.check.availability import check_availability
from botkube.config.problem import Finding
from botkube.config.schema.root import Config

Run = Callable[[Callable[[Config], Iterator[Finding]], str], list[tuple[str, str, str]]]


@pytest.mark.parametrize(
    "platform",
    [
        "cloudSlack",
        "mattermost",
        "discord",
        "teams",
        "cloudTeams",
        "pagerDuty",
    ],
)
def test_enabled_platforms_are_named(run: Run, platform: str) -> None:
    text = f"communications: {{g: {{{platform}: {{enabled: true}}}}}}"
    row = (
        "warning",
        f"communications.g.{platform}",
        "not available in this version, so /readyz never says ready",
    )
    assert run(check_availability, text) == [row]
    assert run(check_availability, text.replace("true", "false")) == []


def test_enabled_actions_are_named(run: Run) -> None:
    rows = run(check_availability, "actions: {a: {enabled: true}, b: {}}")
    assert [row[1] for row in rows] == ["actions.a"]


@pytest.mark.parametrize("name", ["playground", "webhook", "elasticsearch"])
def test_what_is_there_is_available(run: Run, name: str) -> None:
    assert run(check_availability, f"communications: {{g: {{{name}: {{enabled: true}}}}}}") == []


def test_that_nothing_is_reloaded_is_said_to_who_wants_it(run: Run) -> None:
    [(level, key, text)] = run(check_availability, "configWatcher: {enabled: true}")
    assert (level, key) == ("warning", "configWatcher.enabled")
    assert "reloading is not available in this version" in text
    assert run(check_availability, "configWatcher: {inCluster: {}}") == []
