import pytest

from botkube.bridges.leftout import EVERY, LeftOut


class Clock:
    def __init__(self) -> None:
        self.now = 5.0

    def __call__(self) -> float:
        return self.now


def test_the_first_is_told_at_once_and_others_together(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    left_out = LeftOut("repo/beat", "beat", clock)
    left_out.add(ValueError("no JSON"))
    for _ in range(1000):
        left_out.add(ValueError("5 is no text"))
    assert caplog.messages == [
        "left out an event of the plugin repo/beat that cannot be read, such as: no JSON"
    ]
    clock.now += EVERY
    left_out.add(ValueError("null"))
    assert caplog.messages[1:] == [
        "left out 1001 events of the plugin repo/beat that cannot be read, such as: null"
    ]
    assert vars(caplog.records[1])["fields"] == {"source": "beat", "left_out": 1001}


def test_what_is_left_is_told_at_the_end(caplog: pytest.LogCaptureFixture) -> None:
    left_out = LeftOut("repo/beat", "beat", Clock())
    left_out.tell()
    for _ in range(3):
        left_out.add(ValueError("null"))
    left_out.tell()
    left_out.tell()
    assert [message.partition(" of ")[0] for message in caplog.messages] == [
        "left out an event",
        "left out 2 events",
    ]
