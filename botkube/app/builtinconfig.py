"""Rules on the configuration of the built-in plugins: each group's is read as the plugin itself will read it. Pure."""

from collections.abc import Iterator

import msgspec

from botkube.builtin.registry import NAMES, config_class
from botkube.config.bindings import BUILTIN, entry_config
from botkube.config.check.plugins import enabled_plugins, sections
from botkube.config.problem import Finding, Path, error, warning
from botkube.config.schema.root import Config
from botkube.config.suggest import advice
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
                    path = (section, name, text, "config")
                    yield from _check(key.name, given, path)
                    yield from _unknown(key.name, entry.config, path)


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


def _unknown(name: str, given: object, path: Path) -> Iterator[Finding]:
    """Keys that the plugin does not know: it ignores them, as plugins do."""
    known = [field.encode_name for field in msgspec.structs.fields(config_class(name))]
    for key in given if isinstance(given, dict) else ():
        if key not in known:
            fix = advice(str(key), known, f"leave it out; there are {', '.join(known)}")
            yield warning((*path, str(key)), "is no key of this plugin, and is ignored", fix)
