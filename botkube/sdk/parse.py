"""Reads the words of a command into a typed value: flags, arguments and subcommands, as command lines have them.

Argparse splits and explains; types, ranges and choices are checked as those of a configuration are.
"""

import argparse
import re
import shlex
from enum import Enum
from typing import Final, Generic, Literal, NoReturn, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from botkube.model.errors import BotkubeError
from botkube.runtime.override import override
from botkube.sdk.convert import convert
from botkube.sdk.errors import UserError
from botkube.sdk.lengths import write_custom

T = TypeVar("T", bound=msgspec.Struct)

_WIDTH: Final = 80
_CHOSEN: Final = " chosen"  # no field is called so
_INNER_CAPITAL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


class HelpAsked(BotkubeError):
    """The command asks how it is used; raised out of `execute`, its text becomes an ordinary reply."""

    reason = "help"


class Arg(msgspec.Struct, frozen=True, kw_only=True):
    """How a field of a command is written: `count: Annotated[int, Arg(short="n")] = 10`.

    A field with a default is `--like-this VALUE` unless it is `positional`; one without is found by its place.
    """

    short: str = ""
    positional: bool = False


class CommandParser(Generic[T]):
    """Reads the commands of one plugin.

    Each type is a command: a single one is the plugin's own, several are subcommands, called like their classes with
    dashes between the words, or as `tag` says. `msgspec.Meta(description=…)` says what a field is for. A `bool` is a
    switch, a tuple takes several values.
    """

    def __init__(self, name: str, *commands: type[T], description: str = "") -> None:
        self._name = name
        if len(commands) == 1:
            self._parser = _Parser(prog=name, description=description or _doc(commands[0]))
            _add_fields(self._parser, commands[0])
            return
        self._parser = _Parser(prog=name, description=description)
        below = self._parser.add_subparsers(metavar="COMMAND", required=True, parser_class=_Parser)
        for kind in commands:
            doc = _doc(kind)
            _add_fields(
                below.add_parser(
                    _word(kind), help=doc.partition("\n")[0].replace("%", "%%"), description=doc
                ),
                kind,
            )

    def parse(self, command: str) -> T:
        """Read the text of `request.command`.

        Raises:
            UserError: it is no such command; the text says why, and how it is used.
            HelpAsked: it has `-h` or `--help`.
        """
        values = vars(self._parser.parse_args(self._words(command)))
        chosen: tuple[type[T], _Parser] = values.pop(_CHOSEN)
        kind, parser = chosen
        try:
            return convert(values, kind)
        except ValueError as error:
            parser.error(str(error))

    def help(self) -> str:
        """Return how the commands are used."""
        return self._parser.format_help()

    def _words(self, command: str) -> list[str]:
        try:
            words = shlex.split(command)
        except ValueError as error:
            raise UserError(f"cannot read the command: {error}") from error
        if words[:1] != [self._name]:
            raise UserError(f"the command does not begin with {self._name}")
        return words[1:]


class _Parser(argparse.ArgumentParser):
    """Raises where the original prints and exits."""

    def __init__(self, *, prog: str, description: str, **_: object) -> None:
        super().__init__(
            prog=prog,
            description=description,
            add_help=False,
            allow_abbrev=False,
            argument_default=argparse.SUPPRESS,
            formatter_class=lambda prog: argparse.HelpFormatter(prog, width=_WIDTH),
        )
        self.color = False  # what Python 3.14 would add
        self.add_argument("-h", "--help", action=_Help, nargs=0, help="show how this is used")

    @override
    def error(self, message: str) -> NoReturn:
        raise UserError(f"{self.format_usage()}{self.prog}: {message}")


class _Help(argparse.Action):
    @override
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        raise HelpAsked(parser.format_help())


def _add_fields(parser: argparse.ArgumentParser, kind: type[msgspec.Struct]) -> None:
    hints = get_type_hints(kind, include_extras=True)
    for field in msgspec.structs.fields(kind):
        _add_field(parser, field, hints[field.name])
    parser.set_defaults(**{_CHOSEN: (kind, parser)})


def _add_field(
    parser: argparse.ArgumentParser, field: msgspec.structs.FieldInfo, hint: object
) -> None:
    bare = get_args(hint)[0] if hasattr(hint, "__metadata__") else hint
    several = get_origin(bare) is tuple
    arg = next((item for item in _notes(hint) if isinstance(item, Arg)), Arg())
    explained = _explained(field, hint)
    if field.required or arg.positional:
        one, many = (None, "+") if field.required else ("?", "*")
        parser.add_argument(field.encode_name, nargs=many if several else one, help=explained)
        return
    names = [f"-{arg.short}"] * bool(arg.short) + [f"--{_dashed(field.name)}"]
    if bare is bool:
        parser.add_argument(*names, dest=field.encode_name, action="store_true", help=explained)
        return
    parser.add_argument(
        *names,
        dest=field.encode_name,
        action="append" if several else "store",
        metavar=_choices(bare) or field.name.upper(),
        help=explained,
    )


def _explained(field: msgspec.structs.FieldInfo, hint: object) -> str:
    """What a field is for, and its default."""
    texts = [item.description for item in _notes(hint) if isinstance(item, msgspec.Meta)]
    text = next((each for each in texts if each), "")
    default = field.default
    if default is msgspec.NODEFAULT and field.default_factory is not msgspec.NODEFAULT:
        default = field.default_factory()
    if default not in {msgspec.NODEFAULT, None, "", False, ()}:
        shown = msgspec.to_builtins(default, enc_hook=write_custom)
        text = f"{text} (default: {shown})".lstrip()
    return text.replace("%", "%%")


def _choices(bare: object) -> str:
    """The words that a field takes, if they are few."""
    if isinstance(bare, type) and issubclass(bare, Enum):
        return f"{{{','.join(str(each.value) for each in bare)}}}"
    return f"{{{','.join(map(str, get_args(bare)))}}}" if get_origin(bare) is Literal else ""


def _notes(hint: object) -> tuple[object, ...]:
    notes: tuple[object, ...] = getattr(hint, "__metadata__", ())
    return notes


def _word(kind: type[msgspec.Struct]) -> str:
    tag = kind.__struct_config__.tag
    return tag if isinstance(tag, str) else _INNER_CAPITAL.sub("-", kind.__name__).lower()


def _dashed(name: str) -> str:
    return name.strip("_").replace("_", "-")


def _doc(kind: type) -> str:
    """The docstring of a class, which msgspec's own base class has too."""
    return (kind.__dict__.get("__doc__") or "").strip()
