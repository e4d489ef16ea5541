"""Rules on the configuration of the built-in plugins: each group's is read as the plugin itself will read it. Pure."""

from collections.abc import Iterator

from botkube.builtin.registry import NAMES, config_class
from botkube.config.bindings import BUILTIN, entry_config
from botkube.config.check.plugins import enabled_plugins, sections
from botkube.config.problem import Finding, Path, error
from botkube.config.schema.root import Config
from botkube.sdk.config import decode_configs
from botkube.sdk.convert import Unfit
from botkube.sdk.errors import UserError

_FIX = "correct it, or leave it out for its default"


def check_builtin_configs(config: Config) -> Iterator[Finding]:
    """Check what enabled built-in plugins are given; a plugin's module is loaded only if it is given something."""
    for section, kind, groups in sections(config):
        for name, group in groups.items():
            for text, key, entry in enabled_plugins(group, kind):
                given = entry_config(key, entry)
                if key.repo == BUILTIN and NAMES.get(key.name) == kind and given is not None:
                    yield from _check(key.name, given, (section, name, text, "config"))


def _check(name: str, given: bytes, path: Path) -> Iterator[Finding]:
    try:
        decode_configs((given,), config_class(name))
    except UserError as problem:
        cause = problem.__cause__
        if isinstance(cause, Unfit):
            keys = (f"[{step}]" if isinstance(step, int) else step for step in cause.path)
            yield error((*path, *keys), cause.wrong, _FIX)
        else:
            yield error(path, str(cause or problem), _FIX)
