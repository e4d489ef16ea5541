"""Which plugins people mean by what they type: `repo/name`, `repo/name@version`, or one of them after its kind. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, cast

from msgspec.structs import replace

from botkube.model.errors import ConfigError
from botkube.model.plugin import PluginKey, PluginKind, parse_plugin_key
from botkube.packages.index.entries import Index

_KINDS: Final = ("executor", "source")


def split_kind(text: str) -> tuple[PluginKind | None, str]:
    """Take the kind off a text such as `source repo/name`, if it begins with one."""
    first, _, rest = text.partition(" ")
    if first in _KINDS and rest:
        return cast("PluginKind", first), rest.strip()
    return None, text


def named(text: str) -> PluginKey:
    """Return the key that a text is, an executor's if it does not say what it is.

    Raises: ConfigError if it is none.
    """
    kind, rest = split_kind(text)
    return parse_plugin_key(kind or "executor", rest)


def keys_of(names: Iterable[str]) -> Iterator[PluginKey]:
    """Give the keys that a lock file has; names that are none are left out."""
    for name in names:
        try:
            yield named(name)
        except ConfigError:
            continue  # nobody can name it


def meant(text: str, known: Iterable[PluginKey]) -> tuple[PluginKey, ...]:
    """Return the known keys that a text names; without a version in it those with any, if none is just so.

    A version that is not known is one of the plugin that is. Nothing: no plugin of that name is known.

    Raises: ConfigError if the text is no key.
    """
    kind, key = split_kind(text)[0], named(text)
    alike = [
        each
        for each in dict.fromkeys(known)
        if (each.repo, each.name) == (key.repo, key.name) and kind in {None, each.kind}
    ]
    same = tuple(each for each in alike if each.version == key.version)
    if same or not key.version:
        return same or tuple(alike)
    return tuple(dict.fromkeys(replace(each, version=key.version) for each in alike))


def only(text: str, found: Sequence[PluginKey]) -> Sequence[PluginKey]:
    """Return the keys that a text means, if that is one or none.

    Raises: ConfigError if there are more.
    """
    if len(found) > 1:
        several = ", ".join(f"{key.kind} {key}" for key in found)
        raise ConfigError(f"{text!r} is more than one plugin, say which: {several}")
    return found


def offered(text: str, index: Index) -> tuple[PluginKey, ...]:
    """Return the keys that a text names in an index; if it has none of that name, an executor's.

    Raises: ConfigError if the text is no key.
    """
    key = named(text)
    if split_kind(text)[0] is not None:
        return (key,)
    kinds = dict.fromkeys(entry.kind for entry in index.entries if entry.name == key.name)
    return tuple(replace(key, kind=each) for each in kinds) or (key,)
