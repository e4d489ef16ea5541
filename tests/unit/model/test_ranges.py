import pytest

from botkube.model.ranges import BadRange, is_range, read_range


@pytest.mark.parametrize(
    ("text", "fits", "others"),
    [
        ("^1.2", "1.2 v1.9.9 1.3.0-rc.1", "1.1.9 2.0 2.0.0-rc.1 latest"),
        ("^0.2.3", "0.2.3 0.2.9", "0.3 0.2.2"),
        ("^0.0.3", "0.0.3", "0.0.4 0.0.2"),
        ("^1.2.0-rc.1", "1.2.0-rc.1 1.2.0-rc.2 1.2 1.9", "1.2.0-beta 2"),
        ("^0", "0.1 0.9", "1.0"),
        ("~1.2.3", "1.2.3 1.2.9", "1.3 1.2.2 1.3.0-rc"),
        ("~1", "1.0 1.9", "2.0"),
        ("1.x", "1.0 1.9", "2.0 0.9"),
        ("1.2.*", "1.2 1.2.9", "1.3"),
        ("*", "0.1 9 v1.0-rc", "foo"),
        (">=1.2 <2 || =3.0.1", "1.2 3.0.1 v1.9", "3.0.0 2"),
        (">= 1.2, < 2", "1.5", "2 2.0.0-rc.1 1.1"),
        (">1.2", "1.2.1", "1.2 1.2.0"),
        ("<=1.2", "1.2 0.1 1.2.0-rc", "1.2.1"),
        ("<=2.0.0-rc.2", "2.0.0-rc.1 2.0.0-rc.2", "2.0.0-rc.3 2.0"),
        ("=1.2.0-rc.1", "1.2.0-rc.1 v1.2.0-rc.1", "1.2.0"),
        ("1.2 || 1.4", "1.2.0 1.4", "1.3"),
        ("^1.2+build", "1.2+other 1.3", "2"),
    ],
)
def test_what_fits_a_range(text: str, fits: str, others: str) -> None:
    assert is_range(text)
    holds = read_range(text)
    assert [v for v in fits.split() if not holds(v)] == []
    assert [v for v in others.split() if holds(v)] == []


@pytest.mark.parametrize("text", ["v1.2.3", "1.2", "1", "v1.0.0-rc.1", "1.0+x", "latest", "1.0-x1"])
def test_an_exact_version_is_no_range(text: str) -> None:
    assert not is_range(text)


@pytest.mark.parametrize(
    "text", ["^", ">=", "1.2 ||", "|| 1", ">1.x", "^1.2.y", "1 | 2", "=>1", "<" + "1" * 200, "^ ^1"]
)
def test_what_is_no_range_says_so(text: str) -> None:
    with pytest.raises(BadRange, match=r"is no version range|longer than"):
        read_range(text)
