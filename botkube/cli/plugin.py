"""`botkube plugin serve` and `botkube plugin confine`. They import little: plugins start often."""

from botkube.builtin import NAMES
from botkube.builtin import serve as serve_builtin
from botkube.cli import exits


def serve(name: str) -> None:
    """Be a built-in plugin until the host stops it; there must be one of that name."""
    if name not in NAMES:
        exits.fail(exits.UNREACHABLE, f"no built-in plugin is called {name!r}: {', '.join(NAMES)}")
    serve_builtin(name)


def confine() -> None:
    """Be the launcher of a confined plugin: give up what stdin says, and become the program it names."""
    from botkube.plugins.confine import launch
    from botkube.runtime.kernel import RealKernel

    launch(RealKernel())
