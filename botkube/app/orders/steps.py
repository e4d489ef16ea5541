"""How far what is done for a plugin is, as it is told to whoever ordered it, here or over HTTP."""

from collections.abc import Callable
from typing import Final, Literal, TypeAlias

import msgspec

from botkube.packages.errors import PackageFailed
from botkube.packages.progress import Progress

Stage: TypeAlias = Literal[
    "waiting", "index", "downloading", "checking", "done", "failed", "refused"
]
ENDS: Final = ("done", "failed", "refused")


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A moment of what is done for one plugin (kind and key); the last one is done, failed or refused.

    `unknown`: it was refused since there is nothing of that name.
    """

    plugin: str
    stage: Stage
    done: int = 0
    total: int = 0
    text: str = ""
    version: str = ""
    unknown: bool = False

    @property
    def ends(self) -> bool:
        """Whether nothing more comes for this plugin."""
        return self.stage in ENDS


Show: TypeAlias = Callable[[Step], None]


def on_the_way(name: str, progress: Progress) -> Step:
    """Return how far an install is."""
    return Step(
        plugin=name,
        stage=progress.stage,
        done=progress.done,
        total=progress.total,
        text=progress.text,
    )


def done(name: str, text: str, version: str = "") -> Step:
    """Return that it is done."""
    return Step(plugin=name, stage="done", text=text, version=version)


def broken_off(name: str, error: Exception) -> Step:
    """Return why it was not done: failed is worth another try, refused is not."""
    failed = isinstance(error, PackageFailed | OSError)
    return Step(plugin=name, stage="failed" if failed else "refused", text=str(error))
