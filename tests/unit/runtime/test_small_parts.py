"""Clock, doorbell, service manager notes, task tree, watchdog: one or two properties each."""

import threading
import time

import pytest
import trio
import trio.testing

from botkube.runtime.clock import rfc3339, wall
from botkube.runtime.doorbell import Doorbell
from botkube.runtime.supervisor import ChildSpec
from botkube.runtime.systemd import notify
from botkube.runtime.tasktree import render_task_tree
from tests.fakes.children import Steady
from tests.fakes.supervision import settle, supervision


@pytest.mark.parametrize(
    ("moment", "text"),
    [(0.0, "1970-01-01T00:00:00.000Z"), (1795382580.25, "2026-11-22T21:23:00.250Z")],
)
def test_rfc3339(moment: float, text: str) -> None:
    assert rfc3339(moment) == text


def test_wall_time_is_the_systems() -> None:
    assert abs(wall() - time.clock_gettime(time.CLOCK_REALTIME)) < 5


async def test_rings_while_nobody_waits_count_as_one() -> None:
    bell = Doorbell()
    with trio.testing.assert_no_checkpoints():
        bell.ring()
        bell.ring()
    with trio.testing.assert_checkpoints():
        await bell.wait()
    with trio.move_on_after(0) as scope:
        await bell.wait()
    assert scope.cancelled_caught


async def test_a_ring_wakes_the_waiter() -> None:
    bell = Doorbell()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(bell.wait)
        await settle()
        bell.ring()


async def test_a_cancelled_wait_loses_no_ring() -> None:
    bell = Doorbell()
    bell.ring()
    with trio.CancelScope() as scope:
        scope.cancel()
        await bell.wait()
    with trio.fail_after(1):
        await bell.wait()


def test_notify_without_a_service_manager_does_nothing() -> None:
    notify("READY=1", None)
    notify("READY=1", "")


def test_notify_failing_is_only_logged(caplog: pytest.LogCaptureFixture) -> None:
    notify("READY=1", "/nonexistent/socket")
    assert "cannot notify the service manager" in caplog.text


async def test_the_task_tree_names_tasks_nurseries_and_places() -> None:
    async with supervision() as supervisor:
        await supervisor.reconcile([ChildSpec("bot:playground", Steady())])
        await settle()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(supervisor.reconcile, [], name="reload")
            nursery.cancel_scope.cancel()
            tree = render_task_tree(trio.lowlevel.current_root_task() or pytest.fail("no root"))
    lines = tree.splitlines()
    assert lines[0].startswith("<init>")
    (bot,) = [line for line in lines if line.strip().startswith("bot:playground")]
    assert "botkube/runtime/child.py:" in bot
    assert " in _run_once" in bot
    assert any(line.strip() == "nursery (cancelled)" for line in lines)
    assert len(bot) - len(bot.lstrip()) > len(lines[1]) - len(lines[1].lstrip())


async def test_the_task_tree_can_be_read_from_another_thread_while_tasks_come_and_go() -> None:
    root = trio.lowlevel.current_root_task()
    assert root is not None
    trees: list[str] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            trees.append(render_task_tree(root))

    thread = threading.Thread(target=read)
    thread.start()
    for _ in range(200):
        async with trio.open_nursery() as nursery:
            for _ in range(5):
                nursery.start_soon(trio.lowlevel.checkpoint)
    stop.set()
    thread.join()
    assert all(tree.startswith("<init>") for tree in trees)
