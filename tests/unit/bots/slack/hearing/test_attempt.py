"""When an attempt to connect is made again."""

from random import Random

import pytest

from botkube.bots.slack.calling.outcome import AuthFailed, Later, Ok, Refused
from botkube.bots.slack.hearing.attempt import CROWDED, DISABLED, Pace, backoff, lost, no_url

PACE = Pace()
RANDOM = Random(1)


def test_a_call_that_went_well_is_no_trouble() -> None:
    assert no_url(Ok(), 3, PACE, RANDOM) is None


def test_a_token_that_is_not_taken_waits_for_somebody() -> None:
    found = no_url(AuthFailed(code="invalid_auth", sentence="The token."), 0, PACE, RANDOM)
    assert found is not None
    assert (found.state, found.reason, found.wait) == ("auth-failed", "The token.", 60.0)


@pytest.mark.parametrize(
    ("answer", "least", "most"),
    [
        (Later(reason="Slack cannot be reached: x"), 2.0, 4.0),
        (Later(reason="HTTP proxy: connection refused"), 2.0, 4.0),
        (Later(reason="HTTP 503", status=503), 15.0, 30.0),
        (Later(reason="ratelimited", limited=True), 15.0, 30.0),
        (Later(reason="ratelimited", after=120.0, limited=True), 120.0, 120.0),
        (Refused(code="x", sentence="No."), 15.0, 30.0),
    ],
)
def test_the_wait_grows_as_far_as_the_failure_needs(
    answer: Later | Refused, least: float, most: float
) -> None:
    found = [no_url(answer, 50, PACE, RANDOM) for _ in range(100)]
    waits = [item.wait for item in found if item is not None]
    assert least <= min(waits) <= max(waits) <= most
    assert max(waits) - min(waits) > 0.5 or least == most


def test_the_first_attempt_comes_at_once_but_not_all_together() -> None:
    waits = [backoff(0, 1.0, 30.0, RANDOM) for _ in range(200)]
    assert min(waits) < 0.1
    assert 0.9 < max(waits) < 1.0
    assert 1.0 <= backoff(1, 1.0, 30.0, RANDOM) <= 2.0
    assert backoff(10_000, 1.0, 30.0, RANDOM) <= 30.0


def test_what_slack_says_of_a_socket_that_ends() -> None:
    assert lost("link_disabled", 0, PACE, RANDOM).reason == DISABLED
    assert lost("link_disabled", 0, PACE, RANDOM).wait == 60.0
    crowded = lost("too_many_websockets", 0, PACE, RANDOM)
    assert (crowded.state, crowded.reason) == ("contended", CROWDED)
    assert lost("it broke", 0, PACE, RANDOM).wait <= 1.0
    assert lost("it broke", 99, PACE, RANDOM).wait <= 4.0
