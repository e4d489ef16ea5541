from botkube.plugins.budget import Budget


def test_what_is_not_there_is_not_taken() -> None:
    budget = Budget(rate=10, burst=100, now=0)
    assert budget.take(100, 0)
    assert not budget.take(1, 0)
    assert budget.take(10, 1)


def test_it_never_holds_more_than_the_burst() -> None:
    budget = Budget(rate=10, burst=100, now=0)
    assert not budget.take(101, 3600)


def test_debt_is_paid_by_waiting() -> None:
    budget = Budget(rate=10, burst=100, now=0)
    assert budget.owe(100, 0) == 0
    assert budget.owe(20, 0) == 2
    assert budget.owe(0, 2) == 0
