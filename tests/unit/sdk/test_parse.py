"""Commands read into values, and what is answered to wrong ones."""

from enum import StrEnum
from typing import Annotated, Literal

import msgspec
import pytest
from msgspec import Meta

from botkube.sdk.errors import UserError
from botkube.sdk.lengths import Duration, duration
from botkube.sdk.parse import Arg, CommandParser, HelpAsked


class Order(StrEnum):
    UP = "up"
    DOWN = "down"


class Find(msgspec.Struct, frozen=True, kw_only=True):
    """Finds 100% of the files.

    Even hidden ones.
    """

    pattern: Annotated[str, Meta(description="What to look for, in %.")]
    folders: Annotated[tuple[str, ...], Arg(positional=True)] = (".",)
    depth: Annotated[int, Meta(ge=1, description="How deep."), Arg(short="d")] = 3
    max_size: int | None = None
    older: Duration = duration("1m")
    kind: Literal["file", "folder"] = "file"
    skip: tuple[str, ...] = ()
    order: Order = Order.UP
    quiet: Annotated[bool, Arg(short="q")] = False


class Command(msgspec.Struct, frozen=True, kw_only=True):
    pass


class TopTen(Command, frozen=True):
    """Shows the largest."""

    number: Annotated[int, Arg(positional=True)] = 10


class Sum(Command, frozen=True, tag="total"):
    """Adds all up."""

    words: tuple[str, ...]


FIND = CommandParser("find", Find)
DISK: CommandParser[Command] = CommandParser("disk", TopTen, Sum, description="Looks at disks.")


@pytest.mark.parametrize(
    ("command", "found"),
    [
        ("find x", Find(pattern="x")),
        ("  find   'x y'  ", Find(pattern="x y")),
        ("find x a b", Find(pattern="x", folders=("a", "b"))),
        ("find -d 5 x --max-size=9", Find(pattern="x", depth=5, max_size=9)),
        ("find x --older 2h --kind folder", Find(pattern="x", older=Duration(7200), kind="folder")),
        ("find x --skip a --skip b -q", Find(pattern="x", skip=("a", "b"), quiet=True)),
        ('find --kind="file" -- --x', Find(pattern="--x")),
    ],
)
def test_one_command(command: str, found: Find) -> None:
    assert FIND.parse(command) == found


def test_subcommands() -> None:
    assert DISK.parse("disk top-ten") == TopTen()
    assert DISK.parse("disk top-ten 3") == TopTen(number=3)
    assert DISK.parse("disk total 1 2") == Sum(words=("1", "2"))


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("find", "find: the following arguments are required: pattern"),
        ("find x --deep", "find: unrecognized arguments: --deep"),
        ("find x --de 4", "unrecognized arguments: --de 4"),
        ("find x -d", "argument -d/--depth: expected one argument"),
        ("find x -d zero", 'find: depth is "zero", expected a whole number'),
        ("find x -d 0", 'find: depth is "0", expected a whole number >= 1'),
        ("find x --kind socket", 'find: kind is "socket", expected one of file, folder'),
        ("find x --older soon", "find: older: 'soon' is not a duration"),
        ("find 'x", "cannot read the command: No closing quotation"),
        ("finder x", "the command does not begin with find"),
        ("", "the command does not begin with find"),
    ],
)
def test_a_wrong_command_is_explained(command: str, said: str) -> None:
    with pytest.raises(UserError) as raised:
        FIND.parse(command)
    assert said in str(raised.value)


def test_the_usage_of_the_subcommand_is_shown_with_its_mistakes() -> None:
    with pytest.raises(UserError, match=r"(?s)^usage: disk top-ten .*number is \"x\""):
        DISK.parse("disk top-ten x")
    with pytest.raises(UserError, match="required: COMMAND"):
        DISK.parse("disk")
    with pytest.raises(UserError, match=r"invalid choice: 'x' \(choose from"):
        DISK.parse("disk x")


@pytest.mark.parametrize("asked", ["-h", "--help", "x --help"])
def test_help_of_a_command(asked: str) -> None:
    with pytest.raises(HelpAsked) as raised:
        FIND.parse(f"find {asked}")
    text = str(raised.value)
    assert text == FIND.help()
    for part in ("Finds 100% of", "look for, in %.", "-d DEPTH, --depth DEPTH", "(default: 1m)"):
        assert part in text
    for option in ("--max-size MAX_SIZE", "--kind {file,folder}", "--order {up,down}"):
        assert option in text
    assert max(map(len, text.splitlines())) <= 80


def test_help_of_subcommands() -> None:
    assert "Looks at disks." in DISK.help()
    assert "Shows the largest." in DISK.help()
    with pytest.raises(HelpAsked, match=r"usage: disk total"):
        DISK.parse("disk total --help")
