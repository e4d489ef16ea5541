"""Decides which environment variables a plugin process gets; pure.

An allow-list: what is not named here or in `plugins.env` is not passed on. The last word have the variables
of the go-plugin launch protocol.
"""

import re
from collections.abc import Iterator, Mapping

import msgspec

from botkube.model.plugin import PluginKey
from botkube.wire.handshake import launch_variables

_PASSED_ON = frozenset(
    ["PATH", "HOME", "LANG", "TZ"]
    + [f"{scheme}_PROXY" for scheme in ("HTTP", "HTTPS", "NO", "ALL")]
    + [f"{scheme}_proxy" for scheme in ("http", "https", "no", "all")]
)
_PASSED_ON_PREFIXES = ("LC_", "SSL_CERT_")
# Our configuration and credentials, and what would switch a Go plugin to TLS, multiplexing or another
# socket directory: never inherited, not even when listed.
_OF_LOADER = ("_PYI_", "LD_LIBRARY_PATH")
_NEVER_PREFIXES = ("BOTKUBE", "CONFIG_PROVIDER_", "PLUGIN_", *_OF_LOADER)


class EnvSpec(msgspec.Struct, frozen=True, kw_only=True):
    """What one plugin's environment depends on besides our own environment."""

    own_binary: bool
    level_variable: str
    private_dir: str = ""
    sandboxed: bool = False
    extra_names: tuple[str, ...] = ()
    dependency_dir: str | None = None


def child_environment(environ: Mapping[str, str], spec: EnvSpec) -> dict[str, str]:
    """Build the whole environment of a plugin process."""
    wanted = {*spec.extra_names, spec.level_variable}
    child = {
        name: value for name, value in environ.items() if _passed_on(name, wanted)
    } | loader_variables(environ, own_binary=spec.own_binary)
    child.update(_set_by_us(spec))
    child.update(launch_variables())
    return child


def zygote_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Build the environment of the process that built-in plugins are forked from: no plugin's own."""
    return {
        name: value for name, value in environ.items() if _passed_on(name, set())
    } | loader_variables(environ, own_binary=True)


def without_loader(environ: Mapping[str, str]) -> dict[str, str]:
    """Take out what only a program of ours that is yet to be loaded needs: a forked one is."""
    kept = {name: v for name, v in environ.items() if not name.startswith(_OF_LOADER)}
    return kept | loader_variables(environ, own_binary=False)


def level_variable(key: PluginKey) -> str:
    """Name the variable that sets the log level of this plugin, as the original does."""
    name = f"{key.name}@{key.version}" if key.version else key.name
    return f"LOG_LEVEL_{key.kind}_{key.repo}_{re.sub(r'[^A-Za-z0-9_]', '_', name)}".upper()


def _passed_on(name: str, wanted: set[str]) -> bool:
    if name.startswith(_NEVER_PREFIXES):
        return False
    return name in _PASSED_ON or name in wanted or name.startswith(_PASSED_ON_PREFIXES)


def loader_variables(environ: Mapping[str, str], *, own_binary: bool) -> dict[str, str]:
    """Give what the dynamic loader and a frozen program's bootloader are to find."""
    # PyInstaller's bootloader points LD_LIBRARY_PATH at the unpacked libraries and keeps the user's value in
    # LD_LIBRARY_PATH_ORIG. Our own binary reuses the unpacked files, any other program must not see them.
    if own_binary:
        return {name: value for name, value in environ.items() if name.startswith(_OF_LOADER)}
    original = environ.get("LD_LIBRARY_PATH_ORIG")
    return {"LD_LIBRARY_PATH": original} if original else {}


def _set_by_us(spec: EnvSpec) -> Iterator[tuple[str, str]]:
    yield "TMPDIR", spec.private_dir
    yield "PLUGIN_UNIX_SOCKET_DIR", spec.private_dir
    if spec.sandboxed:  # ours is closed to it, and programs want to keep things somewhere
        yield "HOME", spec.private_dir
    if spec.dependency_dir:
        yield "PLUGIN_DEPENDENCY_DIR", spec.dependency_dir
