"""How it is told that something ended."""

import pytest

from botkube.app.orders.steps import Step, broken_off, done, on_the_way
from botkube.packages.errors import PackageFailed, PackageRefused
from botkube.packages.progress import Progress


@pytest.mark.parametrize(
    ("error", "stage"),
    [
        (PackageFailed("x"), "failed"),
        (OSError(13, "x"), "failed"),
        (PackageRefused("x"), "refused"),
    ],
)
def test_an_error_is_worth_another_try_or_not(error: Exception, stage: str) -> None:
    step = broken_off("executor r/p", error)
    assert step == Step(plugin="executor r/p", stage=stage, text=str(error))  # type: ignore[arg-type]  # one of them
    assert step.ends


def test_what_is_on_the_way_has_not_ended() -> None:
    step = on_the_way("executor r/p", Progress(stage="downloading", done=1, total=2))
    assert (step.stage, step.done, step.total, step.ends) == ("downloading", 1, 2, False)
    assert done("executor r/p", "is there", "v1").ends
