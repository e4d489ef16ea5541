"""What becomes of a window of which some could not be sent."""

import pytest

from botkube.model.delivery import Delivered, Outcome, Rejected, Retry
from botkube.model.errors import AuthError, PeerError
from botkube.sinks.webhook.client import Unsent
from botkube.sinks.webhook.notifier import settled

DONE, BAD = Delivered(), Rejected(reason="no")


def test_nothing_sent_is_the_peer_s_trouble() -> None:
    with pytest.raises(PeerError, match="refused"):
        settled([Unsent("refused"), Unsent("late")])
    with pytest.raises(AuthError, match="401"):
        settled([Unsent("refused"), Unsent("401", auth=True, after=60)])


def test_what_somebody_has_to_put_right_waits() -> None:
    assert settled([Unsent("moved", after=60)]) == [Retry(reason="moved", after=60)]


@pytest.mark.parametrize("other", [DONE, BAD, Retry(reason="busy", after=1)])
def test_beside_others_it_is_one_to_try_again(other: Outcome) -> None:
    found = settled([other, Unsent("cut")])
    assert found[1] == Retry(reason="cut", after=1 if isinstance(other, Retry) else 0)


def test_all_wait_for_the_longest() -> None:
    found = settled([Retry(reason="a", after=1), DONE, Retry(reason="b", after=9), Unsent("c")])
    assert [item.after for item in found if isinstance(item, Retry)] == [9, 9, 9]
    assert found[1] == DONE
