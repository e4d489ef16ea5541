"""The task tree as text, on Trio's thread and beside it."""

import threading

import pytest
import trio

from botkube.runtime.supervisor import ChildSpec
from botkube.runtime.tasktree import render_task_tree
from tests.fakes.children import Steady
from tests.fakes.supervision import settle, supervision


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
