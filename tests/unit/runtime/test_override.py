from botkube.runtime.override import override


def test_a_marked_method_is_the_method_itself() -> None:
    def method() -> None: ...

    assert override(method) is method
