"""What a user typed → the command, its flags and its words. Pure.

Order and edge cases are those users' habits rely on: links and curly quotes are unwrapped, an alias
at the start is expanded once, the program's own flags are taken out wherever they stand.
"""

import re
from collections.abc import Mapping
from typing import Final

import msgspec

_LINK: Final = re.compile(r"<(https?://[^\s<>|]*)(?:\|([^<>]*))?>")  # linear: no part spans a <
_DOUBLE: Final = str.maketrans({"“": '"', "”": '"'})
_SINGLE: Final = str.maketrans({"\u2018": "'", "\u2019": "'"})
_OPERATORS: Final = frozenset(";|&<>")
LONGEST: Final = 16 * 1024  # characters of a command
FLAGS: Final = ("cluster-name", "filter", "all-clusters", "bk-cmd-header")


class UnreadableCommand(ValueError):
    """The text is no command line; the message says what is wrong with it."""


class Parsed(msgspec.Struct, frozen=True, kw_only=True):
    """A command line taken apart. `text` goes to plugins: alias expanded, own flags removed."""

    text: str
    shown: str  # as the reply's header repeats it: alias expanded, flags included
    words: tuple[str, ...]
    cluster: str = ""
    filter: str = ""
    header: str = ""


def parse_command(text: str, aliases: Mapping[str, str]) -> Parsed:
    """Take a command line apart.

    Raises:
        UnreadableCommand: quotes do not match, or a flag is repeated or lacks its value.
    """
    if len(text) > LONGEST:
        raise UnreadableCommand(f"it is longer than {LONGEST} characters")
    expanded = expand_alias(sanitise(text), aliases)
    clean, values = take_flags(expanded)
    return Parsed(
        text=clean.strip(),
        shown=" ".join(expanded.split()),
        words=tuple(_before_operator(clean)),
        cluster=values.get("cluster-name", ""),
        filter=values.get("filter", ""),
        header=values.get("bk-cmd-header", ""),
    )


def sanitise(text: str) -> str:
    """Undo what chat programs do to a command: links, curly quotes, surrounding blanks."""
    text = _LINK.sub(lambda match: match.group(2) or match.group(1), text)
    return text.translate(_DOUBLE).translate(_SINGLE).strip()


def expand_alias(text: str, aliases: Mapping[str, str]) -> str:
    """Replace an alias at the start, once; of two that fit the longer one."""
    for name in sorted(aliases, key=len, reverse=True):
        if text == name or text.startswith(name + " "):
            return aliases[name] + text[len(name) :]
    return text


def take_flags(text: str) -> tuple[str, dict[str, str]]:
    """The text without the program's own flags, and their values.

    A flag counts where a word of the command line begins, before a lone `--`.

    Raises:
        UnreadableCommand: as for `parse_command`.
    """
    values: dict[str, str] = {}
    kept: list[str] = []
    tokens = iter(_tokens(text))
    for token in tokens:
        word = token.lstrip()
        if word == "--":
            kept.append(token)
            kept.extend(tokens)
            break
        name, equals, value = word.removeprefix("--").partition("=")
        if not word.startswith("--") or name not in FLAGS:
            kept.append(token)
            continue
        if name in values:
            raise UnreadableCommand(f"found more than one {name} flag")
        if name == "all-clusters":
            values[name] = "true"
        elif equals:
            values[name] = _unquote(value)
        else:
            values[name] = _argument(name, next(tokens, None))
    return "".join(kept), values


def _argument(name: str, token: str | None) -> str:
    if token is None:
        raise UnreadableCommand(f"incorrect use of --{name} flag: flag needs an argument: --{name}")
    value = _unquote(token.strip())
    if value.startswith("-"):
        raise UnreadableCommand(
            f"incorrect use of --{name} flag: an argument is missing. "
            f'use --{name}="value" or --{name} value'
        )
    return value


# Possessive: a word of a megabyte costs no more than its reading. (shlex cannot tell `|` from "|".)
_TOKEN: Final = re.compile(
    r"""\s*+(?:"(?:\\.|[^"\\])*+"|'[^']*+'|\\.|[^\s"'\\]++)++|\s++|["'\\]""", re.DOTALL
)
_WORD: Final = re.compile(
    r"""(?P<blank>\s++)|(?P<operator>[;|&<>])"""
    r"""|(?P<word>(?:"(?:\\.|[^"\\])*+"|'[^']*+'|\\.|[^\s"'\\;|&<>]++)++)|(?P<open>.)""",
    re.DOTALL,
)
_PART: Final = re.compile(
    r"""'(?P<single>[^']*+)'|"(?P<double>(?:\\.|[^"\\])*+)"|\\(?P<escaped>.)|(?P<plain>.[^"'\\]*+)""",
    re.DOTALL,
)
_QUOTES: Final = frozenset("\"'\\")
_ESCAPED: Final = re.compile(r"""\\(["\\])""")


def _tokens(text: str) -> list[str]:
    """Words with the blanks before them, so that joining them gives the text back exactly."""
    return _TOKEN.findall(text)


def _before_operator(text: str) -> list[str]:
    """Shell words up to an unquoted operator. A lone apostrophe (`what's up`) is a letter."""
    try:
        return _shell_words(text)
    except UnreadableCommand:
        if text.count("'") % 2:
            return _shell_words(text.replace("'", "\u2019", 1))
        raise


def _shell_words(text: str) -> list[str]:
    words: list[str] = []
    for found in _WORD.finditer(text):
        match found.lastgroup:
            case "word":
                words.append(_unquote(found.group()))
            case "operator":
                break
            case "open":
                raise UnreadableCommand(f"quotes do not match: {found.group()} is not closed")
            case _:
                continue
    return words


def _unquote(token: str) -> str:
    """What a token stands for without its quotes and backslashes."""
    if not _QUOTES.intersection(token):
        return token
    return "".join(_letters(part) for part in _PART.finditer(token))


def _letters(part: re.Match[str]) -> str:
    if part["double"] is not None:
        return _ESCAPED.sub(r"\1", part["double"])
    return part[part.lastgroup or 0]
