import pytest

from botkube.packages.progress import Progress, Sum, files_text, size_text


@pytest.mark.parametrize(
    ("progress", "text"),
    [
        (Progress(stage="index"), "reading the index"),
        (Progress(stage="downloading", done=43, total=100), "downloading 43 %"),
        (Progress(stage="downloading", done=120, total=100), "downloading 100 %"),
        (Progress(stage="downloading", done=5 << 20), "downloading, 5.0 MiB so far"),
        (Progress(stage="checking"), "checking what was downloaded"),
        (Progress(stage="waiting", detail="pid 7 is at work"), "waiting: pid 7 is at work"),
    ],
)
def test_a_moment_in_words(progress: Progress, text: str) -> None:
    assert progress.text == text


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 KiB"), (1, "1 KiB"), (20_480, "20 KiB"), (1 << 20, "1.0 MiB"), (5 << 19, "2.5 MiB")],
)
def test_sizes_are_told_so_that_small_ones_are_not_nothing(size: int, text: str) -> None:
    assert size_text(size) == text
    assert files_text(1, size) == f"1 file of {text}"
    assert files_text(2, size) == f"2 files of {text}"


def test_several_downloads_are_one() -> None:
    told: list[Progress] = []
    sums = Sum(told.append)
    plugin, tool = sums.of(""), sums.of("tool")
    plugin(10, 100)
    tool(50, 300)
    plugin(100, 100)
    assert [(p.done, p.total) for p in told] == [(10, 0), (60, 400), (150, 400)]
