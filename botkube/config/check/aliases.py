"""Rules on `aliases`: each stands for something that exists."""

from collections.abc import Iterator

from botkube.config.problem import Finding, error
from botkube.config.schema.root import Config
from botkube.config.suggest import advice
from botkube.model.errors import ConfigError
from botkube.model.plugin import parse_plugin_key

BUILT_IN_VERBS = frozenset(
    ("ping", "help", "version", "feedback", "list", "enable", "disable", "edit", "status", "show")
) | {"cancel", "restart"}  # those are ours


def check_aliases(config: Config) -> Iterator[Finding]:
    """Check that every alias has a command whose first word is a verb or a configured executor."""
    words = BUILT_IN_VERBS | _executor_names(config)
    for name, alias in config.aliases.items():
        path = ("aliases", name, "command")
        first = alias.command.split(maxsplit=1)[:1]
        if not first:
            yield error(path, "command is a required field", "write the command it stands for")
        elif first[0] not in words:
            text = f"starts with '{first[0]}', not found in executors or builtin commands"
            fix = advice(first[0], words, "start with the name of a configured executor plugin")
            yield error(path, text, fix, alias.command)


def _executor_names(config: Config) -> frozenset[str]:
    names = set()
    for group in config.executors.values():
        for text in group.plugins:
            try:
                names.add(parse_plugin_key("executor", text).name)
            except ConfigError:
                continue
    return frozenset(names)
