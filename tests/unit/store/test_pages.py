"""A page ends when it is large, and is never empty."""

import pytest

from botkube.store.pages import PAGE_BYTES, up_to_bytes


@pytest.mark.parametrize(
    ("sizes", "taken"),
    [
        ([], 0),
        ([1], 1),
        ([PAGE_BYTES * 9], 1),
        ([PAGE_BYTES - 1, 1, 1], 2),
        ([PAGE_BYTES, 1], 1),
        ([10] * 100, 100),
    ],
)
def test_how_many_rows_fit(sizes: list[int], taken: int) -> None:
    assert len(list(up_to_bytes(sizes, lambda size: size))) == taken
