"""What must hold between the values of a configuration. Every rule is a pure generator of findings.

`check_config` runs them all; it never stops at the first one.
"""

from collections.abc import Callable, Iterator

from botkube.config.check.aliases import check_aliases
from botkube.config.check.availability import check_availability
from botkube.config.check.bindings import check_bindings
from botkube.config.check.communications import check_communications
from botkube.config.check.isolation import check_isolation
from botkube.config.check.plugins import check_groups
from botkube.config.check.repositories import check_repositories
from botkube.config.check.settings import check_settings
from botkube.config.check.sinks import check_sinks
from botkube.config.check.slack import check_slack
from botkube.config.check.webhooks import check_webhooks
from botkube.config.problem import Finding
from botkube.config.schema.root import Config

RULES: tuple[Callable[[Config], Iterator[Finding]], ...] = (
    check_settings,
    check_webhooks,
    check_groups,
    check_repositories,
    check_aliases,
    check_communications,
    check_sinks,
    check_slack,
    check_bindings,
    check_availability,
    check_isolation,
)


def check_config(config: Config) -> Iterator[Finding]:
    """Yield everything that is wrong between the values of a decoded configuration."""
    for rule in RULES:
        yield from rule(config)


__all__ = ["check_config"]
