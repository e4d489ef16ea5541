"""Token buckets on a clock of the test's: bursts, refilling, lanes, and what Slack asked to wait."""

from itertools import pairwise

from botkube.bots.slack.calling import api
from botkube.bots.slack.calling.rates import BUCKETS, Lane, Rates
from botkube.bots.slack.drawing.pack import Post

SAY = api.post_message("C1", Post(text="hi"))
ELSEWHERE = api.post_message("C2", Post(text="hi"))
FORM = api.open_view("t", {})


def sent_within(rates: Rates, lane: Lane, seconds: float) -> list[float]:
    """When calls go that are made as soon as they may be."""
    now, times = 0.0, []
    while now <= seconds:
        wait = rates.wait(SAY, lane, now)
        if wait <= 0:
            rates.take(SAY, now)
            times.append(now)
        now += wait
    return times


def test_a_channel_gets_a_burst_and_then_less_than_a_message_a_second() -> None:
    times = sent_within(Rates(), Lane.REPLY, 60)
    assert times[:4] == [0, 0, 0, 0]
    assert 4 + 57 <= len(times) <= 4 + 59
    assert all(later - earlier >= 1 for earlier, later in pairwise(times[3:]))


def test_channels_and_methods_have_their_own() -> None:
    rates = Rates()
    for _ in range(4):
        rates.take(SAY, 0)
    assert rates.wait(SAY, Lane.REPLY, 0) > 0
    assert rates.wait(ELSEWHERE, Lane.REPLY, 0) == 0
    assert rates.wait(FORM, Lane.REPLY, 0) == 0


def test_notifications_leave_room_for_replies() -> None:
    rates = Rates()
    assert rates.room(SAY, Lane.EVENT, 0) == 2
    while rates.wait(SAY, Lane.EVENT, 0) <= 0:
        rates.take(SAY, 0)
    assert rates.room(SAY, Lane.EVENT, 0) == 0
    assert rates.room(SAY, Lane.REPLY, 0) == 2
    assert rates.wait(SAY, Lane.REPLY, 0) == 0


def test_what_slack_wants_to_wait_is_waited_in_that_channel_only() -> None:
    rates = Rates()
    rates.limited(SAY, 20, now=100)
    assert rates.wait(SAY, Lane.REPLY, 100) == 20
    assert rates.wait(SAY, Lane.REPLY, 119) == 1
    assert rates.wait(SAY, Lane.REPLY, 120) == 0
    assert rates.room(SAY, Lane.REPLY, 119) == 0
    assert rates.wait(ELSEWHERE, Lane.REPLY, 100) == 0


def test_several_limited_channels_are_the_workspace() -> None:
    rates = Rates()
    calls = [api.post_message(f"C{n}", Post(text="hi")) for n in range(4)]
    rates.wait(calls[3], Lane.REPLY, 100)
    for call in calls[:3]:
        rates.limited(call, 5, now=100)
    assert rates.wait(calls[3], Lane.REPLY, 100) == 5
    assert rates.wait(FORM, Lane.REPLY, 100) == 0


def test_what_has_no_rate_never_waits() -> None:
    rates, call = Rates(), api.upload("https://u", b"x")
    for _ in range(100):
        rates.take(call, 0)
    rates.limited(call, 5, now=0)
    assert rates.wait(call, Lane.EVENT, 0) == 0
    assert rates.room(call, Lane.EVENT, 0) == 1


def test_full_buckets_are_forgotten() -> None:
    rates = Rates()
    for number in range(3 * BUCKETS):
        rates.take(api.post_message(f"C{number}", Post(text="hi")), now=float(number))
    assert len(rates._buckets) <= BUCKETS
