"""The live Trio tasks as text, for people who look into a running or a stuck program. Changes nothing.

Also called from a thread beside the loop: what it reads may change meanwhile, so it copies first.
"""

from collections.abc import Iterator
from types import FrameType

from trio import Nursery
from trio.lowlevel import Task

OWN_CODE = "botkube"
INDENT = "  "


def render_task_tree(root_task: Task) -> str:
    """Return one line for each task and nursery below the root, with where each task waits."""
    return "\n".join(_lines(root_task, 0))


def _lines(task: Task, depth: int) -> Iterator[str]:
    yield f"{INDENT * depth}{task.name}{_place(task)}"
    for nursery in list(task.child_nurseries):
        yield f"{INDENT * (depth + 1)}nursery{_cancelled(nursery)}"
        for child in sorted(nursery.child_tasks, key=lambda t: t.name):
            yield from _lines(child, depth + 2)


def _cancelled(nursery: Nursery) -> str:
    try:
        return " (cancelled)" if nursery.cancel_scope.cancel_called else ""
    except RuntimeError:  # it looks at Trio's clock, which another thread cannot
        return ""


def _place(task: Task) -> str:
    try:
        frames = list(task.iter_await_frames())
    except (AttributeError, RuntimeError):  # it ran on while we looked
        return ""
    own = [pair for pair in frames if _is_own(pair[0])]
    for frame, line in (own or frames)[-1:]:
        return f"  {frame.f_code.co_filename}:{line} in {frame.f_code.co_name}"
    return ""


def _is_own(frame: FrameType) -> bool:
    module = str(frame.f_globals.get("__name__", ""))
    return module.partition(".")[0] == OWN_CODE
