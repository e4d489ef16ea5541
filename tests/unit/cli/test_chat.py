"""What `botkube chat` makes of frames and addresses; the rest runs against the real program."""

from pathlib import Path

import msgspec
import pytest

from botkube.cli.chat import Ending, Frame, Options, _ends, _instance, _text
from botkube.cli.instance import NoAnswer


def frame(kind: str, **body: object) -> Frame:
    return Frame(type=kind, body=msgspec.Raw(msgspec.json.encode(body)))


def options(**given: object) -> Options:
    plain = {"command": None, "url": "", "token": "", "channel": "", "user": "u", "timeout": 1.0}
    return msgspec.convert({**plain, "output": "text", "state_dir": None, **given}, Options)


@pytest.mark.parametrize(
    ("given", "ends"),
    [
        (frame("message", reply_to="c1", outcome="ok"), True),
        (frame("state", reply_to="c1", outcome="ok"), True),
        (frame("message", reply_to="c1"), False),
        (frame("message", reply_to="c2", outcome="ok"), False),
        (frame("typing", reply_to="c1"), False),
        (frame("message", baseBody={"plaintext": "hi"}), False),
    ],
)
def test_only_the_final_frame_of_the_command_ends_the_wait(given: Frame, *, ends: bool) -> None:
    assert _ends(given, "c1") is ends


def test_text_has_the_header_the_message_and_further_messages() -> None:
    body = {
        "header": "H",
        "baseBody": {"codeBlock": "one"},
        "messages": [{"baseBody": {"plaintext": "two"}}],
    }
    data = msgspec.json.encode(body)
    assert _text(data, msgspec.json.decode(data, type=Ending)).split() == ["H", "one", "two"]


@pytest.mark.parametrize(
    ("url", "token", "expected"),
    [
        ("http://h:1/?token=abc", "", ("http://h:1", "abc")),
        ("http://h:1", "abc", ("http://h:1", "abc")),
        ("http://h:1/?token=abc", "def", ("http://h:1", "def")),
    ],
)
def test_a_url_may_carry_the_token(url: str, token: str, expected: tuple[str, str]) -> None:
    assert _instance(options(url=url, token=token)) == expected


def test_without_an_instance_it_says_where_it_looked(tmp_path: Path) -> None:
    with pytest.raises(NoAnswer, match=r"no instance is running .*botkube run"):
        _instance(msgspec.structs.replace(options(), state_dir=tmp_path))
