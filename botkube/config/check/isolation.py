"""Rules on the limits and the sandbox of plugins."""

from collections.abc import Iterator

from botkube.config.check.plugins import enabled_plugins, sections
from botkube.config.problem import Finding, Path, error, warning
from botkube.config.schema.isolation import LimitSettings, SandboxSettings
from botkube.config.schema.root import Config
from botkube.config.suggest import advice

# What no plugin can do without: a smaller one would only stop it from starting.
_LEAST = {
    "cpus": (0.01, "0.01"),
    "memory": (16 << 20, "16Mi"),
    "processes": (16, "16"),
    "openFiles": (64, "64"),
    "maxMessage": (64 << 10, "64Ki"),
    "stdioRate": (64 << 10, "64Ki"),
}
_ROOT = ("root", "0")


def check_isolation(config: Config) -> Iterator[Finding]:
    """Check `plugins.limits`, `plugins.sandbox` and that overrides are for plugins in use."""
    plugins = config.plugins
    yield from _limits(plugins.limits, ("plugins", "limits"))
    yield from _sandbox(plugins.sandbox, ("plugins", "sandbox"))
    used = _used(config)
    for name, override in plugins.overrides.items():
        path = ("plugins", "overrides", name)
        if name not in used:
            otherwise = "remove it, or write the key as in executors and sources"
            yield warning(path, "no enabled plugin has this key", advice(name, used, otherwise))
        yield from _limits(override.limits, (*path, "limits"))
        yield from _sandbox(override.sandbox, (*path, "sandbox"))


def _used(config: Config) -> frozenset[str]:
    return frozenset(
        text
        for _, kind, groups in sections(config)
        for group in groups.values()
        for text, _, _ in enabled_plugins(group, kind)
    )


def _limits(limits: LimitSettings, path: Path) -> Iterator[Finding]:
    given = {
        "cpus": limits.cpus,
        "memory": limits.memory,
        "processes": limits.processes,
        "openFiles": limits.open_files,
        "maxMessage": limits.max_message,
        "stdioRate": limits.stdio_rate,
    }
    for key, value in given.items():
        least, shown = _LEAST[key]
        if value is not None and value < least:
            yield error(
                (*path, key), "is too small for any plugin", f"write {shown} or more", value
            )


def _sandbox(sandbox: SandboxSettings, path: Path) -> Iterator[Finding]:
    if (user := sandbox.user) is not None and (not user or user.partition(":")[0] in _ROOT):
        fix = "write auto, the name of a user, or UID:GID"
        yield error((*path, "user"), "is no user for a sandbox", fix, user)
    for key, paths in (("readable", sandbox.readable), ("writable", sandbox.writable)):
        for number, given in enumerate(paths or ()):
            if not given.startswith("/"):
                fix = "write it from the root of the file system on, such as /srv/data"
                yield error((*path, key, f"[{number}]"), "is not an absolute path", fix, given)
