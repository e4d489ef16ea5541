from botkube.packages.errors import NotThere, PackageFailed, PackageRefused, joined


def test_of_several_troubles_one_that_may_pass_is_enough_to_try_again() -> None:
    both = joined([NotThere("a"), PackageFailed("b"), PackageFailed("b")])
    assert (type(both), str(both)) == (PackageFailed, "a; b")
    assert type(joined([NotThere("a"), PackageRefused("c")])) is PackageRefused
