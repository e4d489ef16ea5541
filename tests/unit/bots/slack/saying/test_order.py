"""Answers in the order of the questions, as far as that takes no time."""

from botkube.bots.slack.saying.order import GRACE, MOST, Order

HERE, THERE = ("C1", "1.1"), ("C1", "")


def test_an_answer_waits_for_an_earlier_one_of_its_thread_only() -> None:
    order = Order()
    for command, place in (("a", HERE), ("b", THERE), ("c", HERE)):
        order.begin(command, place, now=0)
    b, c = order.end("b"), order.end("c")
    assert order.wait(c, HERE, now=0) == GRACE
    assert order.wait(b, THERE, now=0) == 0
    a = order.end("a")
    assert order.wait(c, HERE, now=0) == 0
    assert a < b < c


def test_it_waits_for_a_moment() -> None:
    order = Order()
    order.begin("slow", HERE, now=0)
    order.begin("quick", HERE, now=10)
    assert order.wait(order.end("quick"), HERE, now=10) == 0


def test_what_took_long_keeps_its_number() -> None:
    order = Order()
    order.begin("slow", HERE, now=0)
    order.begin("slower", HERE, now=10 * GRACE)
    assert 0 < order.end("slow") < order.end("slower")


def test_only_so_many_are_remembered() -> None:
    order = Order()
    for number in range(2 * MOST):
        order.begin(str(number), HERE, now=0)
    assert len(order._given) <= MOST
    assert order.end("0") == 0
    assert order.end("never given") == 0
